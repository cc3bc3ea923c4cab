# What is kept is worked out anew within a minute.

import django.db.models.deletion
from django.db import migrations, models

VERDICTS = [
    ("goes", "Goes"),
    ("waits", "Waits"),
    ("lapses", "Lapses"),
    ("refused", "Refused"),
    ("held", "Held"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0031_pictures_of_mails"),
    ]

    operations = [
        migrations.RunSQL(
            "TRUNCATE messaging_forecast, messaging_forecastday,"
            " messaging_forecastperson",
            migrations.RunSQL.noop,
        ),
        migrations.DeleteModel("ForecastPerson"),
        migrations.CreateModel(
            name="ForecastMail",
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
                ("alike", models.BigIntegerField()),
                ("people", models.PositiveIntegerField()),
                ("category", models.CharField(max_length=14)),
                ("step", models.PositiveSmallIntegerField()),
                ("day", models.DateField()),
                ("moment", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("verdict", models.CharField(choices=VERDICTS, max_length=8)),
                ("reason_code", models.CharField(blank=True, max_length=40)),
                ("goes_at", models.DateTimeField(blank=True, null=True)),
                ("goes_on", models.DateField(blank=True, null=True)),
                (
                    "automation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="messaging.automation",
                    ),
                ),
                (
                    "forecast",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mails",
                        to="messaging.forecast",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["forecast", "automation", "verdict", "day", "alike"],
                        name="forecast_mails",
                    ),
                    models.Index(fields=["forecast", "alike"], name="forecast_alike"),
                    models.Index(
                        models.F("forecast"),
                        models.F("automation"),
                        models.F("goes_on"),
                        models.F("alike"),
                        condition=models.Q(("verdict", "waits")),
                        name="forecast_late",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "verdict__in",
                                ["goes", "waits", "lapses", "refused", "held"],
                            )
                        ),
                        name="forecast_mail_verdict",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("goes_at__isnull", False),
                                ("goes_on__isnull", False),
                                ("verdict__in", ["goes", "waits"]),
                            ),
                            models.Q(
                                models.Q(
                                    ("verdict__in", ["goes", "waits"]), _negated=True
                                ),
                                ("goes_at", None),
                                ("goes_on", None),
                            ),
                            _connector="OR",
                        ),
                        name="forecast_mail_goes",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ForecastPerson",
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
                ("alike", models.BigIntegerField()),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="crm.customer",
                    ),
                ),
                (
                    "forecast",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="people",
                        to="messaging.forecast",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["forecast", "alike", "customer"],
                        name="forecast_people",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("customer", "forecast"), name="forecast_person_once"
                    )
                ],
            },
        ),
    ]
