"""Columns have the names of what they hold: `error_code`, `decision`.

PostgreSQL renames columns and constraints without reading a row.
"""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import F, Q

DECISIONS = ["goes", "waits", "lapses", "refused", "held"]
RENAME = [
    "ALTER TABLE messaging_mailgrant RENAME COLUMN trouble TO error_code",
    "ALTER TABLE messaging_mailgrant RENAME COLUMN trouble_since TO error_since",
    "ALTER TABLE messaging_mailgrant"
    " RENAME CONSTRAINT mail_grant_trouble_has_time TO mail_grant_error_has_time",
    "ALTER TABLE messaging_forecastday RENAME COLUMN verdict TO decision",
    "ALTER TABLE messaging_forecastday"
    " RENAME CONSTRAINT forecast_day_verdict TO forecast_day_decision",
    "ALTER TABLE messaging_forecastmail RENAME COLUMN verdict TO decision",
    "ALTER TABLE messaging_forecastmail"
    " RENAME CONSTRAINT forecast_mail_verdict TO forecast_mail_decision",
]
BACK = [
    "ALTER TABLE messaging_mailgrant RENAME COLUMN error_code TO trouble",
    "ALTER TABLE messaging_mailgrant RENAME COLUMN error_since TO trouble_since",
    "ALTER TABLE messaging_mailgrant"
    " RENAME CONSTRAINT mail_grant_error_has_time TO mail_grant_trouble_has_time",
    "ALTER TABLE messaging_forecastday RENAME COLUMN decision TO verdict",
    "ALTER TABLE messaging_forecastday"
    " RENAME CONSTRAINT forecast_day_decision TO forecast_day_verdict",
    "ALTER TABLE messaging_forecastmail RENAME COLUMN decision TO verdict",
    "ALTER TABLE messaging_forecastmail"
    " RENAME CONSTRAINT forecast_mail_decision TO forecast_mail_verdict",
]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("messaging", "0034_forecasts_say_their_basis")]
    operations: ClassVar = [
        migrations.RunSQL(
            RENAME,
            BACK,
            state_operations=[
                migrations.RemoveConstraint("mailgrant", "mail_grant_trouble_has_time"),
                migrations.RemoveConstraint("forecastday", "forecast_day_once"),
                migrations.RemoveConstraint("forecastday", "forecast_day_verdict"),
                migrations.RemoveConstraint("forecastmail", "forecast_mail_verdict"),
                migrations.RemoveConstraint("forecastmail", "forecast_mail_goes"),
                migrations.RemoveIndex("forecastmail", "forecast_mails"),
                migrations.RemoveIndex("forecastmail", "forecast_late"),
                migrations.RenameField("mailgrant", "trouble", "error_code"),
                migrations.RenameField("mailgrant", "trouble_since", "error_since"),
                migrations.RenameField("forecastday", "verdict", "decision"),
                migrations.RenameField("forecastmail", "verdict", "decision"),
                migrations.AddConstraint(
                    "mailgrant",
                    models.CheckConstraint(
                        condition=Q(error_code="", error_since=None)
                        | Q(~Q(error_code=""), error_since__isnull=False),
                        name="mail_grant_error_has_time",
                    ),
                ),
                migrations.AddConstraint(
                    "forecastday",
                    models.UniqueConstraint(
                        fields=[
                            *("forecast", "automation", "day"),
                            *("decision", "reason_code", "goes_on"),
                        ],
                        nulls_distinct=False,
                        name="forecast_day_once",
                    ),
                ),
                migrations.AddConstraint(
                    "forecastday",
                    models.CheckConstraint(
                        condition=Q(decision__in=DECISIONS),
                        name="forecast_day_decision",
                    ),
                ),
                migrations.AddConstraint(
                    "forecastmail",
                    models.CheckConstraint(
                        condition=Q(decision__in=DECISIONS),
                        name="forecast_mail_decision",
                    ),
                ),
                migrations.AddConstraint(
                    "forecastmail",
                    models.CheckConstraint(
                        condition=Q(
                            decision__in=["goes", "waits"],
                            goes_at__isnull=False,
                            goes_on__isnull=False,
                        )
                        | Q(
                            ~Q(decision__in=["goes", "waits"]),
                            goes_at=None,
                            goes_on=None,
                        ),
                        name="forecast_mail_goes",
                    ),
                ),
                migrations.AddIndex(
                    "forecastmail",
                    models.Index(
                        fields=["forecast", "automation", "decision", "day", "alike"],
                        name="forecast_mails",
                    ),
                ),
                migrations.AddIndex(
                    "forecastmail",
                    models.Index(
                        F("forecast"),
                        F("automation"),
                        F("goes_on"),
                        F("alike"),
                        condition=Q(decision="waits"),
                        name="forecast_late",
                    ),
                ),
            ],
        ),
    ]
