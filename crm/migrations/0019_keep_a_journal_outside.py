"""How far the database knows the journal beside it, and what it could not take."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0018_defaults_in_the_database"),
    ]

    operations = [
        migrations.CreateModel(
            name="JournalGap",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("rows", models.JSONField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="JournalState",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        db_default=1, default=1, primary_key=True, serialize=False
                    ),
                ),
                ("position", models.BigIntegerField(db_default=0, default=0)),
                ("held_at", models.DateTimeField(blank=True, null=True)),
                (
                    "held_reason",
                    models.CharField(
                        blank=True,
                        choices=[("older", "Older"), ("restored", "Restored")],
                        db_default="",
                        max_length=10,
                    ),
                ),
                ("released_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="journal_state_one_row"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("position__gte", 0)),
                        name="journal_position_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("held_at__isnull", True), ("held_reason", "")),
                            models.Q(
                                ("held_at__isnull", False),
                                ("held_reason__in", ["older", "restored"]),
                            ),
                            _connector="OR",
                        ),
                        name="journal_held_for_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("released_at", None),
                            ("released_at__gte", models.F("held_at")),
                            _connector="OR",
                        ),
                        name="journal_released_after_held",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            "INSERT INTO crm_journalstate (id) VALUES (1) ON CONFLICT DO NOTHING",
            migrations.RunSQL.noop,
        ),
    ]
