"""A survey stands alone: automations ask it, it has versions of its questions, and an
answer has typed rows for the further ones.

Each survey of before becomes one that its automation asks, with a first version that
holds the one question of NPS. Answers keep all they said; what is copied to an answer
from now on, its country and owner, is the customer's of today. The next migration takes
away what was carried over: PostgreSQL alters no table with rows that wait for a check.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

CARRY_OVER = """
    INSERT INTO surveys_asking (id, automation_id, survey_id, every_days, after_days)
    SELECT id, automation_id, id, every_days, after_days FROM surveys_survey;
    SELECT setval(pg_get_serial_sequence('surveys_asking', 'id'), max(id))
    FROM surveys_asking HAVING max(id) IS NOT NULL;

    INSERT INTO surveys_surveyversion
        (survey_id, number, state, content, made_at, published_at)
    SELECT id, 1, 'published', '{"questions": [
            {"key": "score", "kind": "score", "scale": "nps", "required": true},
            {"key": "reason", "kind": "long"}]}', now(), now()
    FROM surveys_survey;
    UPDATE surveys_survey s SET state = 'live', live_version_id = v.id
    FROM surveys_surveyversion v WHERE v.survey_id = s.id;

    UPDATE surveys_invitation SET asking_id = survey_id;
    UPDATE surveys_response r
    SET survey_version_id = s.live_version_id, completed_at = r.confirmed_at,
        country = c.country, owner_id = c.owner_id
    FROM surveys_survey s, crm_customer c
    WHERE s.id = r.survey_id AND c.id = r.customer_id;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0052_index_given_names"),
        ("messaging", "0027_limit_birthday_greetings"),
        ("surveys", "0008_digest_choices"),
    ]

    operations = [
        # Some millions of rows in a shop of ten years.
        migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Answer",
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
                ("question", models.CharField(max_length=40)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("score", "Score"),
                            ("stars", "Stars"),
                            ("choice", "Choice"),
                            ("choices", "Choices"),
                            ("short", "Short"),
                            ("long", "Long"),
                            ("day", "Day"),
                            ("source", "Source"),
                        ],
                        max_length=7,
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("text", models.TextField(blank=True, db_default="", default="")),
                (
                    "choices",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        db_default=[],
                        default=list,
                        size=None,
                    ),
                ),
                ("day", models.DateField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Asking",
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
                (
                    "every_days",
                    models.PositiveSmallIntegerField(db_default=180, default=180),
                ),
                (
                    "after_days",
                    models.PositiveSmallIntegerField(db_default=5, default=5),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ShareLink",
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
                ("name", models.CharField(max_length=120)),
                ("token", models.CharField(max_length=43, unique=True)),
                ("declared", models.JSONField(blank=True, db_default={}, default=dict)),
                (
                    "language",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=10
                    ),
                ),
                (
                    "embed_origins",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200),
                        blank=True,
                        db_default=[],
                        default=list,
                        size=None,
                    ),
                ),
                ("is_open", models.BooleanField(db_default=True, default=True)),
                ("closes_at", models.DateTimeField(blank=True, null=True)),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="SurveyVersion",
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
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published")],
                        max_length=9,
                    ),
                ),
                ("content", models.JSONField()),
                ("made_at", models.DateTimeField()),
                ("published_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name="answer",
            name="response",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="further",
                to="surveys.response",
            ),
        ),
        migrations.AddField(
            model_name="asking",
            name="automation",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="asking",
                to="messaging.automation",
            ),
        ),
        migrations.AddField(
            model_name="asking",
            name="survey",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="askings",
                to="surveys.survey",
            ),
        ),
        migrations.AddField(
            model_name="sharelink",
            name="made_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="sharelink",
            name="survey",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="share_links",
                to="surveys.survey",
            ),
        ),
        migrations.AddField(
            model_name="surveyversion",
            name="made_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="surveyversion",
            name="survey",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="versions",
                to="surveys.survey",
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.UniqueConstraint(
                fields=("response", "question"), name="answer_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("choices", []),
                        ("day", None),
                        ("kind__in", ["score", "stars"]),
                        ("number__isnull", False),
                        ("number__range", (0, 10)),
                        ("text", ""),
                    ),
                    models.Q(
                        models.Q(("choices", []), _negated=True),
                        ("day", None),
                        ("kind__in", ["choice", "choices", "source"]),
                        ("number", None),
                    ),
                    models.Q(
                        ("choices", []),
                        ("day", None),
                        ("kind__in", ["long", "short"]),
                        ("number", None),
                    ),
                    models.Q(
                        ("choices", []), ("kind", "day"), ("number", None), ("text", "")
                    ),
                    _connector="OR",
                ),
                name="answer_fits_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="asking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("after_days__range", (0, 90)), ("every_days__range", (30, 730))
                ),
                name="asking_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="sharelink",
            constraint=models.CheckConstraint(
                condition=models.Q(("name__gt", ""), ("token__gt", "")),
                name="share_link_has_token",
            ),
        ),
        migrations.AddConstraint(
            model_name="surveyversion",
            constraint=models.UniqueConstraint(
                fields=("survey", "number"), name="survey_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="surveyversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "draft")),
                fields=("survey",),
                name="survey_one_draft",
            ),
        ),
        migrations.AddConstraint(
            model_name="surveyversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["draft", "published"])),
                name="survey_version_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="surveyversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_at", None), ("state", "draft")),
                    models.Q(("published_at__isnull", False), ("state", "published")),
                    _connector="OR",
                ),
                name="survey_version_published_has_time",
            ),
        ),
        migrations.RemoveConstraint(
            model_name="response",
            name="response_score_0_to_10",
        ),
        migrations.RemoveConstraint(
            model_name="survey",
            name="survey_kind",
        ),
        migrations.RemoveConstraint(
            model_name="survey",
            name="survey_trigger",
        ),
        migrations.RemoveConstraint(
            model_name="survey",
            name="survey_days",
        ),
        migrations.AlterField(
            model_name="response",
            name="comment",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AlterField(
            model_name="response",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="responses",
                to="crm.customer",
            ),
        ),
        migrations.AlterField(
            model_name="response",
            name="invitation",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="response",
                to="surveys.invitation",
            ),
        ),
        migrations.AlterField(
            model_name="response",
            name="score",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="responseversion",
            name="score",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="survey",
            name="kind",
            field=models.CharField(
                choices=[
                    ("nps", "Recommendation (NPS)"),
                    ("csat", "Satisfaction (CSAT)"),
                    ("ces", "Effort (CES)"),
                    ("four", "Four questions"),
                    ("exit", "Why they left"),
                    ("own", "Questions of our own"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="response",
            name="channel",
            field=models.CharField(
                choices=[
                    ("mail", "Mail"),
                    ("link", "Link"),
                    ("api", "Api"),
                    ("import", "Import"),
                ],
                db_default="mail",
                default="mail",
                max_length=6,
            ),
        ),
        migrations.AddField(
            model_name="response",
            name="completed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="response",
            name="country",
            field=models.CharField(blank=True, db_default="", default="", max_length=2),
        ),
        migrations.AddField(
            model_name="response",
            name="declared",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="response",
            name="is_confidential",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="response",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="response",
            name="respondent",
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="response",
            name="scale",
            field=models.CharField(
                blank=True,
                choices=[("nps", "Nps"), ("csat", "Csat"), ("ces", "Ces")],
                db_default="nps",
                default="",
                max_length=4,
            ),
        ),
        migrations.AddField(
            model_name="responseversion",
            name="answers",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="survey",
            name="archived_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="survey",
            name="ends_after",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="survey",
            name="ends_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="survey",
            name="most_a_month",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="survey",
            name="remind_again_after_days",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="survey",
            name="sample_percent",
            field=models.PositiveSmallIntegerField(db_default=100, default=100),
        ),
        migrations.AddField(
            model_name="survey",
            name="state",
            field=models.CharField(
                choices=[("draft", "Draft"), ("live", "Live"), ("closed", "Closed")],
                db_default="draft",
                default="draft",
                max_length=6,
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="asking",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="surveys.asking",
            ),
        ),
        migrations.AddField(
            model_name="response",
            name="link",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="surveys.sharelink",
            ),
        ),
        migrations.AddField(
            model_name="response",
            name="survey_version",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="surveys.surveyversion",
            ),
        ),
        migrations.AddField(
            model_name="survey",
            name="live_version",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="surveys.surveyversion",
            ),
        ),
        migrations.RunSQL(CARRY_OVER, migrations.RunSQL.noop),
    ]
