"""Counters of sign-ins that no two share, in the place of django-axes."""

from django.db import migrations, models

# They held addresses and accounts in clear, and nothing reads them any more.
DROP = """
    DROP TABLE IF EXISTS axes_accessattemptexpiration;
    DROP TABLE IF EXISTS axes_accessattempt, axes_accesslog, axes_accessfailurelog;
    DELETE FROM django_migrations WHERE app = 'axes';
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0007_room_for_places_of_money")]

    operations = [
        migrations.CreateModel(
            name="AttemptCounter",
            fields=[
                (
                    "key",
                    models.CharField(max_length=80, primary_key=True, serialize=False),
                ),
                ("count", models.PositiveIntegerField()),
                ("started_at", models.DateTimeField()),
                ("stopped_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.RunSQL(DROP, migrations.RunSQL.noop),
    ]
