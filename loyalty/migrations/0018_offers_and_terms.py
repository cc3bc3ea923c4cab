from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("loyalty", "0017_origins_and_absences"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="rewardwords",
            name="reward_words_say_something",
        ),
        migrations.AddConstraint(
            model_name="rewardwords",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("card", ""), ("name", ""), ("terms", ""), _negated=True
                ),
                name="reward_words_say_something",
            ),
        ),
        migrations.AddIndex(
            model_name="grant",
            index=models.Index(
                models.F("expires_at"),
                models.F("id"),
                condition=models.Q(("state", "offered")),
                name="grant_offered",
            ),
        ),
    ]
