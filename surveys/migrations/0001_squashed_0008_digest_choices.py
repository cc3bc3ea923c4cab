"""Surveys and their answers, as migrations 1 to 8 left them.

A database that has some of these goes on with the old ones.
"""

from datetime import UTC, datetime

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from web.migration_operations import CreateModels

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
    ]
    dependencies = [
        ("crm", "0001_squashed_0052_index_given_names"),
        ("messaging", "0001_squashed_0027_limit_birthday_greetings"),
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
                            models.CharField(choices=[("nps", "Nps")], max_length=8),
                        ),
                        (
                            "trigger",
                            models.CharField(
                                choices=[
                                    ("relationship", "Relationship"),
                                    ("post_purchase", "Post purchase"),
                                ],
                                max_length=14,
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
                            "automation",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="survey",
                                to="messaging.automation",
                            ),
                        ),
                        (
                            "one_click",
                            models.BooleanField(db_default=False, default=False),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("kind__in", ["nps"])),
                                name="survey_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("trigger__in", ["relationship", "post_purchase"])
                                ),
                                name="survey_trigger",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("after_days__range", (0, 90)),
                                    ("every_days__range", (30, 730)),
                                    ("valid_days__range", (1, 90)),
                                ),
                                name="survey_days",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("remind_after_days", None),
                                    ("remind_after_days__range", (1, 60)),
                                    _connector="OR",
                                ),
                                name="survey_remind_days",
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
                        ("score", models.PositiveSmallIntegerField()),
                        ("comment", models.TextField(blank=True)),
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
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="responses",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "invitation",
                            models.OneToOneField(
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
                                condition=models.Q(("score__range", (0, 10))),
                                name="response_score_0_to_10",
                            ),
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
                            "survey",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                to="surveys.survey",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["survey", "next_on"], name="turn_due")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("survey", "customer"), name="turn_once"
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
                        ("score", models.PositiveSmallIntegerField()),
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
            ],
        ),
        migrations.RunPython(ship),
    ]
