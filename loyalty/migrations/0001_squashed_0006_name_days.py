"""Reorder reminders, campaigns and name days, as migrations 1 to 6 left them.

A database that has some of these goes on with the old ones.
"""

from datetime import UTC, datetime

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import crm.models.fields
from web.migration_operations import CreateModels

# Whoever bought before there were reminders is worked out by the first sweep.
MARK = """
INSERT INTO loyalty_stalecustomer (customer_id, marked_at)
SELECT id, now() FROM crm_customer WHERE last_order_on IS NOT NULL
ON CONFLICT (customer_id) DO NOTHING
"""

# The segment of those who are late for what they usually buy.
SHIPPED = {
    "slipping": (
        "Slipping",
        [
            {"field": "orders.overdue", "is": "at_least", "values": ["1.5"]},
            {
                "field": "orders.last",
                "is": "in_last",
                "period": {"count": 12, "unit": "months"},
            },
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
        ("loyalty", "0001_squashed_0004_ship_segments"),
        ("loyalty", "0005_campaigns"),
        ("loyalty", "0006_name_days"),
    ]
    dependencies = [
        ("crm", "0001_squashed_0052_index_given_names"),
        ("messaging", "0001_squashed_0027_limit_birthday_greetings"),
    ]
    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="StaleCustomer",
                    fields=[
                        (
                            "customer",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="crm.customer",
                            ),
                        ),
                        ("marked_at", models.DateTimeField()),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["marked_at"], name="stale_customer_oldest"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="NextPurchase",
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
                        ("last_on", models.DateField()),
                        ("days", models.PositiveSmallIntegerField()),
                        ("intervals", models.PositiveSmallIntegerField()),
                        ("due_on", models.DateField()),
                        (
                            "basis",
                            models.CharField(choices=[("own", "Own")], max_length=12),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "product",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.product",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["due_on"], name="next_purchase_due")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("customer", "product"),
                                name="next_purchase_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("due_on__gt", models.F("last_on"))),
                                name="next_purchase_after_the_last",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("basis__in", ["own"])),
                                name="next_purchase_basis",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReminderItem",
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
                        ("last_on", models.DateField()),
                        ("due_on", models.DateField()),
                        ("again_on", models.DateField(blank=True, null=True)),
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
                            "message",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="reminder_items",
                                to="messaging.message",
                            ),
                        ),
                        (
                            "product",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.product",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("again_on__isnull", False)),
                                fields=["again_on"],
                                name="reminder_item_again",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("customer", "product", "last_on"),
                                name="reminder_item_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReorderRefusal",
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
                        ("made_at", models.DateTimeField()),
                        (
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "product",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.product",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("customer", "product"),
                                name="reorder_refusal_once",
                                nulls_distinct=False,
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Campaign",
                    fields=[
                        (
                            "automation",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="campaign",
                                serialize=False,
                                to="messaging.automation",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("waiting", "Waiting"),
                                    ("going", "Going"),
                                    ("stopped", "Stopped"),
                                    ("over", "Over"),
                                ],
                                db_default="draft",
                                default="draft",
                                max_length=8,
                            ),
                        ),
                        ("on", models.DateField(blank=True, null=True)),
                        (
                            "transactional_reason",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=300
                            ),
                        ),
                        (
                            "most_people",
                            models.PositiveIntegerField(blank=True, null=True),
                        ),
                        ("started_at", models.DateTimeField(blank=True, null=True)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "started_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["state", "ended_at"], name="campaign_standing"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "draft",
                                            "waiting",
                                            "going",
                                            "stopped",
                                            "over",
                                        ],
                                    )
                                ),
                                name="campaign_state",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state", "draft"),
                                    ("on__isnull", False),
                                    _connector="OR",
                                ),
                                name="campaign_has_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "going"), _negated=True),
                                    ("started_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="campaign_going_has_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("ended_at__isnull", False), ("state", "over")
                                    ),
                                    models.Q(
                                        models.Q(("state", "over"), _negated=True),
                                        ("ended_at", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="campaign_over_has_end",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CampaignRequest",
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
                        ("asked_at", models.DateTimeField()),
                        ("people", models.PositiveIntegerField()),
                        (
                            "answer",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("yes", "Yes"),
                                    ("no", "No"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                db_default="open",
                                default="open",
                                max_length=9,
                            ),
                        ),
                        ("answered_at", models.DateTimeField(blank=True, null=True)),
                        ("note", models.CharField(blank=True, max_length=500)),
                        (
                            "answered_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "campaign",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="requests",
                                to="loyalty.campaign",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("answer", "open")),
                                fields=["asked_at"],
                                name="campaign_requests_open",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("answer__in", ["open", "yes", "no", "withdrawn"])
                                ),
                                name="campaign_answer",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("answer", "open")),
                                fields=("campaign",),
                                name="campaign_asked_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("answer", "open"), ("answered_at", None)),
                                    models.Q(
                                        models.Q(("answer", "open"), _negated=True),
                                        ("answered_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="campaign_answer_has_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("answered_by", None),
                                    models.Q(
                                        ("answered_by", models.F("asked_by")),
                                        _negated=True,
                                    ),
                                    ("answer", "withdrawn"),
                                    _connector="OR",
                                ),
                                name="campaign_answered_by_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("answer__in", ["yes", "no"]), _negated=True
                                    ),
                                    ("answered_by__isnull", False),
                                    _connector="OR",
                                ),
                                name="campaign_answer_is_of_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="NameDayCalendar",
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
                        ("country", models.CharField(blank=True, max_length=2)),
                        ("language", models.CharField(blank=True, max_length=3)),
                        ("source", models.CharField(max_length=200)),
                        ("licence", models.CharField(max_length=200)),
                        (
                            "is_orthodox",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        ("is_used", models.BooleanField(db_default=True, default=True)),
                        ("created_at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ["id"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("name",), name="name_day_calendar_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("country", ""), _negated=True),
                                    models.Q(("language", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="name_day_calendar_of_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("name", ""), _negated=True),
                                    models.Q(("source", ""), _negated=True),
                                    models.Q(("licence", ""), _negated=True),
                                ),
                                name="name_day_calendar_says_whence",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="NameDay",
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
                            "key",
                            models.GeneratedField(
                                db_persist=True,
                                expression=crm.models.fields.NameKey("name"),
                                output_field=models.TextField(),
                            ),
                        ),
                        (
                            "month",
                            models.PositiveSmallIntegerField(blank=True, null=True),
                        ),
                        (
                            "day",
                            models.PositiveSmallIntegerField(blank=True, null=True),
                        ),
                        (
                            "from_easter",
                            models.SmallIntegerField(blank=True, null=True),
                        ),
                        (
                            "is_main",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        (
                            "calendar",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="days",
                                to="loyalty.namedaycalendar",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["month", "day", "from_easter", "name"],
                        "indexes": [
                            models.Index(
                                fields=["key", "calendar"], name="name_day_key"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("day__range", (1, 31)),
                                        ("from_easter", None),
                                        ("month__range", (1, 12)),
                                    ),
                                    models.Q(
                                        ("day", None),
                                        ("from_easter__range", (-120, 120)),
                                        ("month", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="name_day_has_one_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name", ""), _negated=True),
                                name="name_day_has_a_name",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("is_main", True)),
                                fields=("calendar", "key"),
                                name="name_day_main_once",
                            ),
                        ],
                    },
                ),
            ],
        ),
        migrations.RunSQL(MARK),
        migrations.RunPython(ship),
    ]
