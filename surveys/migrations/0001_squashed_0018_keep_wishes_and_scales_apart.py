"""Surveys and their answers, as migrations 1 to 18 left them.

A database that has some of these goes on with the old ones.
"""

from datetime import UTC, datetime

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from web.migration_operations import CreateModels

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
# What an answer to a further question counts as: a number, or each of its choices
# beside the answer itself.
TOLD = """
CREATE FUNCTION surveys_told(number smallint, choices varchar[])
RETURNS TABLE (value text, score smallint) LANGUAGE sql IMMUTABLE AS $$
    SELECT '', coalesce(number, -1)::smallint
    UNION ALL SELECT choice, -1::smallint FROM unnest(choices) choice
$$
"""
DELTA = (
    "survey_id, at, question, scale, value, score, change, country, language,"
    " owner_id, version_id, product_ids"
)
# The lead question of a response, and its further answers.
LEAD = (
    "x.survey_id, x.confirmed_at, '', x.scale, '', coalesce(x.score, -1), {change},"
    " x.country, x.language, x.owner_id, x.survey_version_id, x.product_ids"
)
FURTHER = (
    "x.survey_id, x.confirmed_at, a.question, '', t.value, t.score, {change}, '', '',"
    " NULL::bigint, NULL::bigint, '{{}}'::bigint[]"
)
COUNTS_AS = (
    "(x.state = 'confirmed', x.confirmed_at, x.survey_id, x.scale, x.score, x.country,"
    " x.language, x.owner_id, x.survey_version_id, x.product_ids)"
)
COUNTS_FOR = "(x.state = 'confirmed', x.confirmed_at, x.survey_id)"


def changed(side: str, other: str, change: int) -> str:
    """What one side of an update says that the other does not."""
    differs = "{} IS DISTINCT FROM {}"
    lead = differs.format(COUNTS_AS, COUNTS_AS.replace("x.", "y."))
    further = differs.format(COUNTS_FOR, COUNTS_FOR.replace("x.", "y."))
    return f"""
    SELECT {LEAD.format(change=change)} FROM {side} x JOIN {other} y USING (id)
    WHERE x.state = 'confirmed' AND {lead}
    UNION ALL
    SELECT {FURTHER.format(change=change)} FROM {side} x JOIN {other} y USING (id)
    JOIN surveys_answer a ON a.response_id = x.id
    CROSS JOIN LATERAL surveys_told(a.number, a.choices) t
    WHERE x.state = 'confirmed' AND {further}"""  # noqa: S608


def whole(rows: str, change: int) -> str:
    return f"""
    SELECT {LEAD.format(change=change)} FROM {rows} x WHERE x.state = 'confirmed'"""  # noqa: S608


def answers(rows: str, change: int) -> str:
    return f"""
    SELECT {FURTHER.format(change=change)} FROM {rows} a
    JOIN surveys_response x ON x.id = a.response_id
    CROSS JOIN LATERAL surveys_told(a.number, a.choices) t
    WHERE x.state = 'confirmed'"""  # noqa: S608


REFERENCES = {
    "INSERT": "NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
}


def note(table: str, event: str, select: str) -> list[str]:
    name = f"{table}_{event.lower()}_counts"
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" INSERT INTO surveys_celldelta ({DELTA}) {select}; RETURN NULL; END $$",
        f"CREATE TRIGGER {name} AFTER {event} ON {table}"
        f" REFERENCING {REFERENCES[event]} FOR EACH STATEMENT"
        f" EXECUTE FUNCTION {name}()",
    ]


R, A = "surveys_response", "surveys_answer"
TRIGGERS = [
    TOLD,
    *note(R, "INSERT", whole("new_rows", 1)),
    *note(R, "DELETE", whole("old_rows", -1)),
    *note(
        R,
        "UPDATE",
        changed("old_rows", "new_rows", -1)
        + " UNION ALL "
        + changed("new_rows", "old_rows", 1),
    ),
    *note(A, "INSERT", answers("new_rows", 1)),
    *note(A, "DELETE", answers("old_rows", -1)),
    *note(
        A, "UPDATE", answers("old_rows", -1) + " UNION ALL " + answers("new_rows", 1)
    ),
]
# The segments that come with surveys.
SHIPPED = {
    "promoters": (
        "Promoters",
        [{"field": "survey.band", "is": "any_of", "values": ["promoter"]}],
    ),
    "detractors": (
        "Detractors",
        [{"field": "survey.band", "is": "any_of", "values": ["detractor"]}],
    ),
    # Who buys again and again and has never said what they think.
    "quiet_repeaters": (
        "Quiet repeaters",
        [
            {"field": "orders.count", "is": "at_least", "values": ["3"]},
            {
                "field": "orders.last",
                "is": "in_last",
                "period": {"count": 12, "unit": "months"},
            },
            {"field": "survey.answered", "is": "unknown"},
        ],
    ),
}


def ship(apps, schema_editor):
    model, now = apps.get_model("crm", "Segment"), datetime.now(tz=UTC)
    for shipped, (name, parts) in SHIPPED.items():
        model.objects.create(
            name=name,
            shipped=shipped,
            conditions={"match": "all", "parts": parts},
            created_at=now,
            updated_at=now,
        )


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("surveys", "0001_squashed_0006_ship_segments"),
        ("surveys", "0007_answers_left_out"),
        ("surveys", "0008_digest_choices"),
        ("surveys", "0009_surveys_stand_alone"),
        ("surveys", "0010_surveys_without_automation"),
        ("surveys", "0011_count_answers_beforehand"),
        ("surveys", "0012_who_is_asked"),
        ("surveys", "0013_know_answers_of_files"),
        ("surveys", "0014_presses"),
        ("surveys", "0015_read_comments"),
        ("surveys", "0016_follow_on_answers"),
        ("surveys", "0017_ask_again"),
        ("surveys", "0018_keep_wishes_and_scales_apart"),
    ]
    dependencies = [
        ("crm", "0052_index_given_names"),
        ("messaging", "0027_limit_birthday_greetings"),
    ]
    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Invitation",
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
                        ("occurrence", models.CharField(max_length=160)),
                        ("invited_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("answered", "Answered"),
                                    ("expired", "Expired"),
                                    ("revoked", "Revoked"),
                                ],
                                db_default="open",
                                default="open",
                                max_length=10,
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="invitations",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "message",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="invitation",
                                to="messaging.message",
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="crm.order",
                            ),
                        ),
                        (
                            "reminder_message",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reminded_invitation",
                                to="messaging.message",
                            ),
                        ),
                        (
                            "survey",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="surveys.survey",
                            ),
                        ),
                        (
                            "asking",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="surveys.asking",
                            ),
                        ),
                        (
                            "second_reminder_message",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="twice_reminded_invitation",
                                to="messaging.message",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "open")),
                                fields=["invited_at"],
                                name="invitation_open",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("survey", "customer", "occurrence"),
                                name="invitation_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        ["open", "answered", "expired", "revoked"],
                                    )
                                ),
                                name="invitation_state",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("expires_at__gt", models.F("invited_at"))
                                ),
                                name="invitation_has_life",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("second_reminder_message", None),
                                    ("reminder_message__isnull", False),
                                    _connector="OR",
                                ),
                                name="invitation_second_follows_first",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Survey",
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
                        (
                            "kind",
                            models.CharField(
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
                        (
                            "valid_days",
                            models.PositiveSmallIntegerField(db_default=30, default=30),
                        ),
                        (
                            "remind_after_days",
                            models.PositiveSmallIntegerField(
                                blank=True, db_default=5, default=5, null=True
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(db_default=1, default=1),
                        ),
                        (
                            "one_click",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        ("archived_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "ends_after",
                            models.PositiveIntegerField(blank=True, null=True),
                        ),
                        ("ends_on", models.DateField(blank=True, null=True)),
                        (
                            "most_a_month",
                            models.PositiveIntegerField(blank=True, null=True),
                        ),
                        (
                            "remind_again_after_days",
                            models.PositiveSmallIntegerField(blank=True, null=True),
                        ),
                        (
                            "sample_percent",
                            models.PositiveSmallIntegerField(
                                db_default=100, default=100
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("live", "Live"),
                                    ("closed", "Closed"),
                                ],
                                db_default="draft",
                                default="draft",
                                max_length=6,
                            ),
                        ),
                        (
                            "live_version",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.RESTRICT,
                                related_name="+",
                                to="surveys.surveyversion",
                            ),
                        ),
                        (
                            "rest_after_ignored",
                            models.PositiveSmallIntegerField(
                                blank=True, db_default=3, default=3, null=True
                            ),
                        ),
                        (
                            "rest_days",
                            models.PositiveSmallIntegerField(
                                db_default=365, default=365
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("remind_after_days", None),
                                    ("remind_after_days__range", (1, 60)),
                                    _connector="OR",
                                ),
                                name="survey_remind_days",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        ["nps", "csat", "ces", "four", "exit", "own"],
                                    )
                                ),
                                name="survey_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["draft", "live", "closed"])
                                ),
                                name="survey_state",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state", "draft"),
                                    ("live_version__isnull", False),
                                    _connector="OR",
                                ),
                                name="survey_live_has_version",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("valid_days__range", (1, 90))),
                                name="survey_valid_days",
                            ),
                            models.CheckConstraint(
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
                            models.CheckConstraint(
                                condition=models.Q(("sample_percent__range", (1, 100))),
                                name="survey_sample",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("ends_after", None),
                                        ("ends_after__gt", 0),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("most_a_month", None),
                                        ("most_a_month__gt", 0),
                                        _connector="OR",
                                    ),
                                ),
                                name="survey_limits",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("rest_after_ignored", None),
                                        ("rest_after_ignored__range", (1, 10)),
                                        _connector="OR",
                                    ),
                                    ("rest_days__range", (30, 1095)),
                                ),
                                name="survey_rest",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Response",
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
                            "score",
                            models.PositiveSmallIntegerField(blank=True, null=True),
                        ),
                        (
                            "comment",
                            models.TextField(blank=True, db_default="", default=""),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("provisional", "Provisional"),
                                    ("confirmed", "Confirmed"),
                                    ("left_out", "Left out"),
                                ],
                                max_length=11,
                            ),
                        ),
                        ("first_at", models.DateTimeField()),
                        ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                        ("changeable_until", models.DateTimeField()),
                        ("language", models.CharField(blank=True, max_length=10)),
                        (
                            "version",
                            models.PositiveIntegerField(db_default=1, default=1),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="responses",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "invitation",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="response",
                                to="surveys.invitation",
                            ),
                        ),
                        (
                            "survey",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="surveys.survey",
                            ),
                        ),
                        (
                            "clashing",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        ("left_out_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "left_out_because",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("test", "Test"),
                                    ("mistake", "Mistake"),
                                    ("somebody_else", "Somebody else"),
                                ],
                                db_default="",
                                default="",
                                max_length=14,
                            ),
                        ),
                        (
                            "channel",
                            models.CharField(
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
                        ("completed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "country",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=2
                            ),
                        ),
                        (
                            "declared",
                            models.JSONField(blank=True, db_default={}, default=dict),
                        ),
                        (
                            "is_confidential",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("respondent", models.UUIDField(blank=True, null=True)),
                        (
                            "scale",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("nps", "Nps"),
                                    ("csat", "Csat"),
                                    ("ces", "Ces"),
                                    ("ten", "Ten"),
                                ],
                                db_default="",
                                default="",
                                max_length=4,
                            ),
                        ),
                        (
                            "link",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="surveys.sharelink",
                            ),
                        ),
                        (
                            "survey_version",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="surveys.surveyversion",
                            ),
                        ),
                        (
                            "product_ids",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(),
                                blank=True,
                                db_default=[],
                                default=list,
                                size=None,
                            ),
                        ),
                        (
                            "import_key",
                            models.CharField(
                                blank=True, max_length=64, null=True, unique=True
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                models.F("customer"),
                                models.OrderBy(
                                    models.F("confirmed_at"), descending=True
                                ),
                                models.OrderBy(models.F("id"), descending=True),
                                name="response_timeline",
                            ),
                            models.Index(
                                condition=models.Q(("state", "confirmed")),
                                fields=["survey", "confirmed_at"],
                                include=("score",),
                                name="response_score",
                            ),
                            models.Index(
                                condition=models.Q(("state", "provisional")),
                                fields=["survey", "first_at"],
                                name="response_provisional",
                            ),
                            models.Index(
                                condition=models.Q(("state", "left_out")),
                                fields=["survey", "confirmed_at"],
                                name="response_left_out",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("clashing", False),
                                    ("state", "provisional"),
                                    _connector="OR",
                                ),
                                name="response_clash_is_provisional",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        ["provisional", "confirmed", "left_out"],
                                    )
                                ),
                                name="response_state",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("confirmed_at__isnull", False),
                                        ("state__in", ["confirmed", "left_out"]),
                                    ),
                                    models.Q(
                                        ("confirmed_at", None), ("state", "provisional")
                                    ),
                                    _connector="OR",
                                ),
                                name="response_confirmed_has_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("left_out_at__isnull", False),
                                        (
                                            "left_out_because__in",
                                            ["test", "mistake", "somebody_else"],
                                        ),
                                        ("state", "left_out"),
                                    ),
                                    models.Q(
                                        models.Q(("state", "left_out"), _negated=True),
                                        ("left_out_at", None),
                                        ("left_out_because", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="response_left_out_has_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("channel__in", ["mail", "link", "api", "import"])
                                ),
                                name="response_channel",
                            ),
                            models.CheckConstraint(
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
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("invitation", None),
                                    ("customer__isnull", False),
                                    _connector="OR",
                                ),
                                name="response_invited_is_somebody",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("link__isnull", False)),
                                fields=("link", "respondent"),
                                name="response_respondent_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("completed_at", None),
                                    ("confirmed_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="response_complete_is_confirmed",
                            ),
                            models.CheckConstraint(
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
                                    models.Q(
                                        ("scale", "ten"),
                                        ("score__isnull", False),
                                        ("score__range", (1, 10)),
                                    ),
                                    _connector="OR",
                                ),
                                name="response_score_fits_scale",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Turn",
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
                        ("next_on", models.DateField()),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "asking",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                to="surveys.asking",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["asking", "next_on"], name="turn_due")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("asking", "customer"), name="turn_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ResponseVersion",
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
                        ("version", models.PositiveIntegerField()),
                        (
                            "score",
                            models.PositiveSmallIntegerField(blank=True, null=True),
                        ),
                        ("comment", models.TextField(blank=True)),
                        ("replaced_at", models.DateTimeField()),
                        (
                            "response",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="versions",
                                to="surveys.response",
                            ),
                        ),
                        (
                            "answers",
                            models.JSONField(blank=True, db_default={}, default=dict),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("response", "version"),
                                name="response_version_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DigestChoice",
                    fields=[
                        (
                            "user",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("wants", models.BooleanField()),
                    ],
                ),
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
                        (
                            "number",
                            models.PositiveSmallIntegerField(blank=True, null=True),
                        ),
                        (
                            "text",
                            models.TextField(blank=True, db_default="", default=""),
                        ),
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
                        (
                            "response",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="further",
                                to="surveys.response",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                models.F("question"),
                                models.OrderBy(models.F("response"), descending=True),
                                condition=models.Q(("text", ""), _negated=True),
                                name="answer_words",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("response", "question"), name="answer_once"
                            ),
                            models.CheckConstraint(
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
                                        ("choices", []),
                                        ("kind", "day"),
                                        ("number", None),
                                        ("text", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="answer_fits_kind",
                            ),
                        ],
                    },
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
                            models.PositiveSmallIntegerField(
                                db_default=180, default=180
                            ),
                        ),
                        (
                            "after_days",
                            models.PositiveSmallIntegerField(db_default=5, default=5),
                        ),
                        (
                            "automation",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="asking",
                                to="messaging.automation",
                            ),
                        ),
                        (
                            "survey",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="askings",
                                to="surveys.survey",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("after_days__range", (0, 90)),
                                    ("every_days__range", (30, 730)),
                                ),
                                name="asking_days",
                            )
                        ],
                    },
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
                        (
                            "declared",
                            models.JSONField(blank=True, db_default={}, default=dict),
                        ),
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
                        (
                            "made_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "survey",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="share_links",
                                to="surveys.survey",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("name__gt", ""), ("token__gt", "")),
                                name="share_link_has_token",
                            )
                        ],
                    },
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
                                choices=[
                                    ("draft", "Draft"),
                                    ("published", "Published"),
                                ],
                                max_length=9,
                            ),
                        ),
                        ("content", models.JSONField()),
                        ("made_at", models.DateTimeField()),
                        ("published_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "made_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "survey",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="versions",
                                to="surveys.survey",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("survey", "number"), name="survey_version_once"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "draft")),
                                fields=("survey",),
                                name="survey_one_draft",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["draft", "published"])
                                ),
                                name="survey_version_state",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("published_at", None), ("state", "draft")
                                    ),
                                    models.Q(
                                        ("published_at__isnull", False),
                                        ("state", "published"),
                                    ),
                                    _connector="OR",
                                ),
                                name="survey_version_published_has_time",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AskedCount",
                    fields=[
                        (
                            "survey",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="surveys.survey",
                            ),
                        ),
                        ("asked", models.PositiveIntegerField()),
                        ("answered", models.PositiveIntegerField()),
                        ("counted_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("asked__gte", models.F("answered"))
                                ),
                                name="asked_count_adds_up",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CellBook",
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
                        ("time_zone", models.CharField(max_length=64)),
                        ("counted_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("pk", 1)),
                                name="survey_cell_book_is_one",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CellDelta",
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
                        ("survey_id", models.BigIntegerField(db_index=True)),
                        ("at", models.DateTimeField()),
                        ("question", models.CharField(blank=True, max_length=40)),
                        ("scale", models.CharField(blank=True, max_length=4)),
                        ("value", models.CharField(blank=True, max_length=40)),
                        ("score", models.SmallIntegerField()),
                        ("change", models.SmallIntegerField()),
                        ("country", models.CharField(blank=True, max_length=2)),
                        ("language", models.CharField(blank=True, max_length=10)),
                        ("owner_id", models.BigIntegerField(blank=True, null=True)),
                        ("version_id", models.BigIntegerField(blank=True, null=True)),
                        (
                            "product_ids",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(),
                                db_default=[],
                                default=list,
                                size=None,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("change__in", [-1, 1])),
                                name="survey_cell_delta_one",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Cell",
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
                        ("question", models.CharField(blank=True, max_length=40)),
                        (
                            "scale",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("nps", "Nps"),
                                    ("csat", "Csat"),
                                    ("ces", "Ces"),
                                    ("ten", "Ten"),
                                ],
                                max_length=4,
                            ),
                        ),
                        (
                            "by",
                            models.CharField(
                                choices=[
                                    ("all", "All"),
                                    ("country", "Country"),
                                    ("language", "Language"),
                                    ("owner", "Owner"),
                                    ("version", "Version"),
                                    ("product", "Product"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("day", models.DateField()),
                        ("value", models.CharField(blank=True, max_length=40)),
                        ("score", models.SmallIntegerField()),
                        ("count", models.PositiveIntegerField()),
                        (
                            "survey",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                to="surveys.survey",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=(
                                    "survey",
                                    "question",
                                    "scale",
                                    "by",
                                    "day",
                                    "value",
                                    "score",
                                ),
                                include=("count",),
                                name="survey_cell_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "by__in",
                                        [
                                            "all",
                                            "country",
                                            "language",
                                            "owner",
                                            "version",
                                            "product",
                                        ],
                                    )
                                ),
                                name="survey_cell_by",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("score__range", (-1, 10))),
                                name="survey_cell_score",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("by", "all"),
                                    models.Q(("day__day", 1), ("question", "")),
                                    _connector="OR",
                                ),
                                name="survey_cell_groups_by_month",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Spread",
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
                            "scale",
                            models.CharField(
                                choices=[
                                    ("nps", "Nps"),
                                    ("csat", "Csat"),
                                    ("ces", "Ces"),
                                    ("ten", "Ten"),
                                ],
                                max_length=4,
                            ),
                        ),
                        (
                            "by",
                            models.CharField(
                                choices=[
                                    ("all", "All"),
                                    ("country", "Country"),
                                    ("language", "Language"),
                                    ("owner", "Owner"),
                                    ("version", "Version"),
                                    ("product", "Product"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("value", models.CharField(blank=True, max_length=40)),
                        ("first", models.DateField()),
                        ("middle", models.DateField()),
                        ("last", models.DateField()),
                        (
                            "sums",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(), size=10
                            ),
                        ),
                        ("counted_at", models.DateTimeField()),
                        (
                            "survey",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                to="surveys.survey",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=(
                                    "survey",
                                    "scale",
                                    "by",
                                    "first",
                                    "middle",
                                    "last",
                                    "value",
                                ),
                                name="spread_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "by__in",
                                        [
                                            "all",
                                            "country",
                                            "language",
                                            "owner",
                                            "version",
                                            "product",
                                        ],
                                    )
                                ),
                                name="spread_by",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("sums__len", 10)),
                                name="spread_has_ten_sums",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AskRequest",
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
                        ("key", models.CharField(max_length=100)),
                        ("requested_at", models.DateTimeField()),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "survey",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="surveys.survey",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["survey", "requested_at"],
                                name="ask_request_due",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("survey", "customer", "key"),
                                name="ask_request_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("key__gt", "")),
                                name="ask_request_has_key",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Press",
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
                        ("pressed_at", models.DateTimeField()),
                        ("score", models.PositiveSmallIntegerField()),
                        (
                            "agent",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=200
                            ),
                        ),
                        (
                            "network",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=45
                            ),
                        ),
                        (
                            "invitation",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="surveys.invitation",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["invitation", "pressed_at"],
                                name="press_invitation",
                            ),
                            models.Index(fields=["pressed_at"], name="press_age"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CommentReading",
                    fields=[
                        (
                            "response",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="reading",
                                serialize=False,
                                to="surveys.response",
                            ),
                        ),
                        (
                            "search_text",
                            models.TextField(blank=True, db_default="", default=""),
                        ),
                        (
                            "language",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=10
                            ),
                        ),
                        (
                            "is_read",
                            models.BooleanField(db_default=False, default=False),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("is_read", False)),
                                fields=["response"],
                                name="comment_reading_unread",
                            ),
                            django.contrib.postgres.indexes.GinIndex(
                                fields=["search_text"],
                                name="comment_reading_search",
                                opclasses=["gin_trgm_ops"],
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Theme",
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
                        ("name", models.CharField(max_length=60)),
                        (
                            "keywords",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=60),
                                blank=True,
                                db_default=[],
                                default=list,
                                size=None,
                            ),
                        ),
                        ("archived_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "version",
                            models.PositiveIntegerField(db_default=1, default=1),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                django.db.models.functions.text.Lower("name"),
                                name="theme_name_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name__gt", "")),
                                name="theme_has_name",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ResponseTheme",
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
                            "by",
                            models.CharField(
                                choices=[
                                    ("keyword", "Keyword"),
                                    ("staff", "Staff"),
                                    ("not_so", "Not so"),
                                ],
                                max_length=8,
                            ),
                        ),
                        (
                            "response",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="themes",
                                to="surveys.response",
                            ),
                        ),
                        (
                            "theme",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="surveys.theme",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("by", "not_so"), _negated=True),
                                fields=["theme", "response"],
                                name="response_theme_of",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("response", "theme"), name="response_theme_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("by__in", ["keyword", "staff", "not_so"])
                                ),
                                name="response_theme_by",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AfterAnswer",
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
                            "band",
                            models.CharField(
                                choices=[
                                    ("urgent", "Urgent"),
                                    ("low", "Low"),
                                    ("happy", "Happy"),
                                ],
                                max_length=6,
                            ),
                        ),
                        (
                            "within_days",
                            models.PositiveSmallIntegerField(db_default=0, default=0),
                        ),
                        (
                            "next_step",
                            models.CharField(
                                choices=[
                                    ("nothing", "Nothing"),
                                    ("share", "Share"),
                                    ("refer", "Refer"),
                                ],
                                db_default="nothing",
                                default="nothing",
                                max_length=7,
                            ),
                        ),
                        (
                            "link",
                            models.URLField(
                                blank=True, db_default="", default="", max_length=500
                            ),
                        ),
                        (
                            "words",
                            models.JSONField(blank=True, db_default={}, default=dict),
                        ),
                        (
                            "survey",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="after",
                                to="surveys.survey",
                            ),
                        ),
                        (
                            "asks_again",
                            models.BooleanField(db_default=True, default=True),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("survey", "band"), name="after_answer_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("band__in", ["urgent", "low", "happy"])
                                ),
                                name="after_answer_band",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("within_days__lte", 10)),
                                name="after_answer_days",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("next_step__in", ["nothing", "share", "refer"])
                                ),
                                name="after_answer_step",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("link", ""), ("next_step", "nothing")),
                                    models.Q(
                                        ("band", "happy"),
                                        ("link", ""),
                                        ("next_step", "refer"),
                                    ),
                                    models.Q(
                                        ("band", "happy"),
                                        ("link__startswith", "https://"),
                                        ("next_step", "share"),
                                    ),
                                    _connector="OR",
                                ),
                                name="after_answer_step_has_link",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReferralWish",
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
                        ("wished_at", models.DateTimeField()),
                        ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "response",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="referral_wish",
                                to="surveys.response",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("withdrawn_at", None),
                                    ("withdrawn_at__gte", models.F("wished_at")),
                                    _connector="OR",
                                ),
                                name="referral_wish_in_order",
                            )
                        ],
                    },
                ),
            ]
        ),
        migrations.RunSQL(STAYS),
        migrations.RunSQL(TRIGGERS),
        migrations.RunPython(ship),
    ]
