"""What stands on askings and versions now is gone from the surveys themselves."""

import django.db.models.deletion
from django.db import migrations, models

# What was published stays as it was: answers stand under it. Who made it may be
# forgotten.
STAYS = """
    CREATE FUNCTION surveys_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'a published version stays as it was'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'survey_version_stays';
    END $$;
    CREATE TRIGGER surveys_version_stays AFTER UPDATE ON surveys_surveyversion
        FOR EACH ROW WHEN (OLD.state = 'published' AND
            (OLD.survey_id, OLD.number, OLD.state, OLD.content, OLD.published_at)
            IS DISTINCT FROM
            (NEW.survey_id, NEW.number, NEW.state, NEW.content, NEW.published_at))
        EXECUTE FUNCTION surveys_version_stays();
"""
FORGET_STAYS = """
    DROP TRIGGER surveys_version_stays ON surveys_surveyversion;
    DROP FUNCTION surveys_version_stays();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("surveys", "0009_surveys_stand_alone"),
    ]

    operations = [
        # Some millions of rows in a shop of ten years.
        migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop),
        # Each asking has the id of its survey, so turns point to it already.
        migrations.RemoveConstraint(
            model_name="turn",
            name="turn_once",
        ),
        migrations.RemoveIndex(
            model_name="turn",
            name="turn_due",
        ),
        migrations.RenameField("turn", "survey", "asking"),
        migrations.AlterField(
            model_name="turn",
            name="asking",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                to="surveys.asking",
            ),
        ),
        migrations.AddIndex(
            model_name="turn",
            index=models.Index(fields=["asking", "next_on"], name="turn_due"),
        ),
        migrations.AddConstraint(
            model_name="turn",
            constraint=models.UniqueConstraint(
                fields=("asking", "customer"), name="turn_once"
            ),
        ),
        migrations.RemoveField(
            model_name="survey",
            name="after_days",
        ),
        migrations.RemoveField(
            model_name="survey",
            name="automation",
        ),
        migrations.RemoveField(
            model_name="survey",
            name="every_days",
        ),
        migrations.RemoveField(
            model_name="survey",
            name="trigger",
        ),
        migrations.AlterField(
            model_name="response",
            name="scale",
            field=models.CharField(
                blank=True,
                choices=[("nps", "Nps"), ("csat", "Csat"), ("ces", "Ces")],
                db_default="",
                default="",
                max_length=4,
            ),
        ),
        migrations.AlterField(
            model_name="response",
            name="survey_version",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="surveys.surveyversion",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("scale", ""), ("score", None)),
                    models.Q(
                        ("scale", "nps"),
                        ("score__isnull", False),
                        ("score__range", (0, 10)),
                    ),
                    models.Q(
                        ("scale", "csat"),
                        ("score__isnull", False),
                        ("score__range", (1, 5)),
                    ),
                    models.Q(
                        ("scale", "ces"),
                        ("score__isnull", False),
                        ("score__range", (1, 7)),
                    ),
                    _connector="OR",
                ),
                name="response_score_fits_scale",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ["mail", "link", "api", "import"])),
                name="response_channel",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("channel", "mail"),
                        ("invitation__isnull", False),
                        ("link", None),
                        ("respondent", None),
                    ),
                    models.Q(
                        ("channel", "link"),
                        ("invitation", None),
                        ("link__isnull", False),
                        ("respondent__isnull", False),
                    ),
                    models.Q(
                        ("channel__in", ["api", "import"]),
                        ("link", None),
                        ("respondent", None),
                    ),
                    _connector="OR",
                ),
                name="response_channel_has_source",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("invitation", None), ("customer__isnull", False), _connector="OR"
                ),
                name="response_invited_is_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.UniqueConstraint(
                condition=models.Q(("link__isnull", False)),
                fields=("link", "respondent"),
                name="response_respondent_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("completed_at", None),
                    ("confirmed_at__isnull", False),
                    _connector="OR",
                ),
                name="response_complete_is_confirmed",
            ),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["nps", "csat", "ces", "four", "exit", "own"])
                ),
                name="survey_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["draft", "live", "closed"])),
                name="survey_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "draft"), ("live_version__isnull", False), _connector="OR"
                ),
                name="survey_live_has_version",
            ),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid_days__range", (1, 90))),
                name="survey_valid_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("remind_again_after_days", None),
                    models.Q(
                        ("remind_after_days__isnull", False),
                        ("remind_again_after_days__range", (1, 60)),
                    ),
                    _connector="OR",
                ),
                name="survey_remind_again_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=models.Q(("sample_percent__range", (1, 100))),
                name="survey_sample",
            ),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ends_after", None), ("ends_after__gt", 0), _connector="OR"
                    ),
                    models.Q(
                        ("most_a_month", None), ("most_a_month__gt", 0), _connector="OR"
                    ),
                ),
                name="survey_limits",
            ),
        ),
        migrations.RunSQL(STAYS, FORGET_STAYS),
    ]
