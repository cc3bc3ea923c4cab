from django.db import migrations, models

CATEGORIES = ["transactional", "survey", "loyalty", "marketing", "birthday"]


def category():
    return models.CharField(
        choices=[(name, name.capitalize()) for name in CATEGORIES], max_length=14
    )


def check(name):
    return models.CheckConstraint(
        condition=models.Q(category__in=CATEGORIES), name=name
    )


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0025_keep_forecasts"),
    ]

    operations = [
        migrations.RemoveConstraint("consent", "consent_category"),
        migrations.RemoveConstraint("message", "message_category"),
        migrations.AlterField("consent", "category", category()),
        migrations.AlterField("message", "category", category()),
        migrations.AddConstraint("consent", check("consent_category")),
        migrations.AddConstraint("message", check("message_category")),
    ]
