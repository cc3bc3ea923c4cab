import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0054_product_facts"),
        ("loyalty", "0009_silences"),
        ("messaging", "0029_remember_looks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="rewardwords",
            name="reward_words_name",
        ),
        migrations.AddField(
            model_name="reward",
            name="days_to_do",
            field=models.PositiveSmallIntegerField(db_default=7, default=7),
        ),
        migrations.AddField(
            model_name="reward",
            name="doer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="rewardwords",
            name="card",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=2000
            ),
        ),
        migrations.AlterField(
            model_name="rewardwords",
            name="name",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddIndex(
            model_name="grant",
            index=models.Index(
                models.F("owner"),
                models.F("due_on"),
                models.F("id"),
                condition=models.Q(("state", "to_do")),
                name="grant_to_do_of",
            ),
        ),
        # What is to do had no day until now; a week from the day it was given.
        migrations.RunSQL(
            "UPDATE loyalty_grant SET due_on = granted_at::date + 7"
            " FROM loyalty_reward r WHERE r.id = reward_id"
            " AND r.fulfilment IN ('desk', 'ask') AND due_on IS NULL"
            " AND state IN ('to_do', 'done')",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "to_do"), _negated=True),
                    ("due_on__isnull", False),
                    _connector="OR",
                ),
                name="grant_to_do_has_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(("days_to_do__range", (0, 365))),
                name="reward_days_to_do",
            ),
        ),
        migrations.AddConstraint(
            model_name="rewardwords",
            constraint=models.CheckConstraint(
                condition=models.Q(("card", ""), ("name", ""), _negated=True),
                name="reward_words_say_something",
            ),
        ),
    ]
