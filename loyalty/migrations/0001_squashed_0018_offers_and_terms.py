"""Reminders, campaigns, rewards and programmes, as migrations 1 to 18 left them.

A database that has some of these goes on with the old ones.
"""

from datetime import UTC, datetime

import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
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

_TABLES = (
    "loyalty_entry",
    "loyalty_allocation",
    "loyalty_ruleversion",
    "loyalty_programmeversion",
)
# Whoever writes to the ledger adds to it: for every role, the superuser too.
APPEND_ONLY = "".join(
    f"""
CREATE TRIGGER {table}_append_only
    BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION crm_append_only();
CREATE TRIGGER {table}_no_truncate
    BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION crm_append_only();
"""
    for table in _TABLES
)

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
        ("loyalty", "0007_rewards"),
        ("loyalty", "0008_pooled_rhythms"),
        ("loyalty", "0009_silences"),
        ("loyalty", "0010_gift_desk"),
        ("loyalty", "0011_mark_products"),
        ("loyalty", "0012_programmes"),
        ("loyalty", "0013_suggestions"),
        ("loyalty", "0014_order_link"),
        ("loyalty", "0015_mails_of_programmes"),
        ("loyalty", "0016_shaping"),
        ("loyalty", "0017_origins_and_absences"),
        ("loyalty", "0018_offers_and_terms"),
    ]
    dependencies = [
        ("crm", "0052_index_given_names"),
        ("messaging", "0027_limit_birthday_greetings"),
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
                            models.CharField(
                                choices=[
                                    ("own", "Own"),
                                    ("product", "Product"),
                                    ("supply", "Supply"),
                                    ("season", "Season"),
                                ],
                                max_length=12,
                            ),
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
                                condition=models.Q(
                                    (
                                        "basis__in",
                                        ["own", "product", "supply", "season"],
                                    )
                                ),
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
                migrations.CreateModel(
                    name="Reward",
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
                                    ("discount", "Discount"),
                                    ("free_delivery", "Free delivery"),
                                    ("free_use", "Free use"),
                                    ("product", "Product"),
                                    ("sample", "Sample"),
                                    ("packaging", "Packaging"),
                                    ("letter", "Letter"),
                                    ("meal", "Meal"),
                                    ("website", "Website"),
                                    ("picture", "Picture"),
                                    ("help", "Help"),
                                    ("visit", "Visit"),
                                    ("card", "Card"),
                                    ("call", "Call"),
                                ],
                                max_length=13,
                            ),
                        ),
                        (
                            "fulfilment",
                            models.CharField(
                                choices=[
                                    ("code", "Code"),
                                    ("pool", "Pool"),
                                    ("desk", "Desk"),
                                    ("ask", "Ask"),
                                ],
                                max_length=4,
                            ),
                        ),
                        (
                            "is_offer",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        (
                            "stacks",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        (
                            "cost",
                            models.DecimalField(
                                db_default=0, decimal_places=4, default=0, max_digits=18
                            ),
                        ),
                        ("currency", models.CharField(max_length=3)),
                        ("stock", models.PositiveIntegerField(blank=True, null=True)),
                        ("taken", models.PositiveIntegerField(db_default=0, default=0)),
                        (
                            "yearly_budget",
                            models.DecimalField(
                                blank=True, decimal_places=4, max_digits=18, null=True
                            ),
                        ),
                        (
                            "limit_per_customer",
                            models.PositiveSmallIntegerField(
                                blank=True, db_default=1, default=1, null=True
                            ),
                        ),
                        (
                            "life_days",
                            models.PositiveSmallIntegerField(blank=True, null=True),
                        ),
                        (
                            "roles",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=8),
                                blank=True,
                                db_default=[],
                                default=list,
                                size=None,
                            ),
                        ),
                        (
                            "percent",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=5, null=True
                            ),
                        ),
                        (
                            "amount",
                            models.DecimalField(
                                blank=True, decimal_places=4, max_digits=18, null=True
                            ),
                        ),
                        (
                            "minimum",
                            models.DecimalField(
                                blank=True, decimal_places=4, max_digits=18, null=True
                            ),
                        ),
                        ("archived_at", models.DateTimeField(blank=True, null=True)),
                        ("created_at", models.DateTimeField()),
                        (
                            "version",
                            models.PositiveIntegerField(db_default=1, default=1),
                        ),
                        (
                            "products",
                            models.ManyToManyField(
                                blank=True, related_name="+", to="crm.product"
                            ),
                        ),
                        (
                            "days_to_do",
                            models.PositiveSmallIntegerField(db_default=7, default=7),
                        ),
                        (
                            "doer",
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
                        "ordering": ["name", "id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("archived_at", None)),
                                fields=("name",),
                                name="reward_name_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name", ""), _negated=True),
                                name="reward_has_name",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        [
                                            "discount",
                                            "free_delivery",
                                            "free_use",
                                            "product",
                                            "sample",
                                            "packaging",
                                            "letter",
                                            "meal",
                                            "website",
                                            "picture",
                                            "help",
                                            "visit",
                                            "card",
                                            "call",
                                        ],
                                    )
                                ),
                                name="reward_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("fulfilment__in", ["code", "pool", "desk", "ask"])
                                ),
                                name="reward_fulfilment",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("stock", None),
                                    ("taken__lte", models.F("stock")),
                                    _connector="OR",
                                ),
                                name="reward_in_stock",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("cost__gte", 0),
                                    models.Q(
                                        ("yearly_budget", None),
                                        ("yearly_budget__gte", 0),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("minimum", None),
                                        ("minimum__gte", 0),
                                        _connector="OR",
                                    ),
                                ),
                                name="reward_money",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("amount", None),
                                        ("is_offer", True),
                                        ("kind", "discount"),
                                        ("percent__gt", 0),
                                        ("percent__isnull", False),
                                        ("percent__lte", 100),
                                    ),
                                    models.Q(
                                        ("amount__gt", 0),
                                        ("amount__isnull", False),
                                        ("is_offer", True),
                                        ("kind", "discount"),
                                        ("percent", None),
                                    ),
                                    models.Q(
                                        models.Q(("kind", "discount"), _negated=True),
                                        ("amount", None),
                                        ("percent", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="reward_discount",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("limit_per_customer", None),
                                    ("limit_per_customer__gte", 1),
                                    _connector="OR",
                                ),
                                name="reward_limit",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("life_days", None),
                                    ("life_days__range", (1, 1825)),
                                    _connector="OR",
                                ),
                                name="reward_life_days",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "roles__contained_by",
                                        [
                                            "owner",
                                            "manager",
                                            "agent",
                                            "marketer",
                                            "analyst",
                                        ],
                                    )
                                ),
                                name="reward_roles",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("days_to_do__range", (0, 365))),
                                name="reward_days_to_do",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Grant",
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
                            "state",
                            models.CharField(
                                choices=[
                                    ("offered", "Offered"),
                                    ("code_issued", "Code issued"),
                                    ("to_do", "To do"),
                                    ("done", "Done"),
                                    ("expired", "Expired"),
                                    ("taken_back", "Taken back"),
                                ],
                                max_length=11,
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("automation", "Automation"),
                                    ("hand", "Hand"),
                                    ("programme", "Programme"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("source_key", models.CharField(max_length=200)),
                        ("granted_at", models.DateTimeField()),
                        ("reason", models.CharField(blank=True, max_length=300)),
                        (
                            "cost",
                            models.DecimalField(
                                db_default=0, decimal_places=4, default=0, max_digits=18
                            ),
                        ),
                        ("currency", models.CharField(max_length=3)),
                        ("year", models.PositiveSmallIntegerField()),
                        ("expires_on", models.DateField(blank=True, null=True)),
                        ("expires_at", models.DateTimeField(blank=True, null=True)),
                        ("due_on", models.DateField(blank=True, null=True)),
                        ("note", models.CharField(blank=True, max_length=1000)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("ended_why", models.CharField(blank=True, max_length=20)),
                        (
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="grants",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "ended_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "granted_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "message",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="grants",
                                to="messaging.message",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "reward",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="grants",
                                to="loyalty.reward",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                models.F("customer"),
                                models.OrderBy(models.F("granted_at"), descending=True),
                                models.OrderBy(models.F("id"), descending=True),
                                name="grant_timeline",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("expires_at__isnull", False),
                                    ("state__in", ["offered", "code_issued", "to_do"]),
                                ),
                                fields=["expires_at"],
                                name="grant_expiring",
                            ),
                            models.Index(
                                models.F("due_on"),
                                models.F("id"),
                                condition=models.Q(("state", "to_do")),
                                name="grant_to_do",
                            ),
                            models.Index(
                                models.F("owner"),
                                models.F("due_on"),
                                models.F("id"),
                                condition=models.Q(("state", "to_do")),
                                name="grant_to_do_of",
                            ),
                            models.Index(
                                models.F("expires_at"),
                                models.F("id"),
                                condition=models.Q(("state", "offered")),
                                name="grant_offered",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("state", "taken_back"), _negated=True
                                ),
                                fields=("customer", "source_key"),
                                name="grant_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "offered",
                                            "code_issued",
                                            "to_do",
                                            "done",
                                            "expired",
                                            "taken_back",
                                        ],
                                    )
                                ),
                                name="grant_state",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("source__in", ["automation", "hand", "programme"])
                                ),
                                name="grant_source",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("source_key", ""), _negated=True),
                                name="grant_has_source_key",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("cost__gte", 0)), name="grant_cost"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("ended_at", None),
                                        (
                                            "state__in",
                                            ["offered", "code_issued", "to_do"],
                                        ),
                                    ),
                                    models.Q(
                                        models.Q(
                                            (
                                                "state__in",
                                                ["offered", "code_issued", "to_do"],
                                            ),
                                            _negated=True,
                                        ),
                                        ("ended_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="grant_over_has_end",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("expires_at", None), ("expires_on", None)
                                    ),
                                    models.Q(
                                        ("expires_at__isnull", False),
                                        ("expires_on__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="grant_expiry_is_a_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "to_do"), _negated=True),
                                    ("due_on__isnull", False),
                                    _connector="OR",
                                ),
                                name="grant_to_do_has_day",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Code",
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
                        ("text", models.CharField(max_length=40)),
                        ("key", models.CharField(max_length=40, unique=True)),
                        ("added_at", models.DateTimeField()),
                        (
                            "grant",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="code",
                                to="loyalty.grant",
                            ),
                        ),
                        (
                            "reward",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="codes",
                                to="loyalty.reward",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("grant", None)),
                                fields=["reward", "id"],
                                name="code_in_pool",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("key__regex", "^[0-9A-Z]{4,40}$"),
                                    models.Q(("text", ""), _negated=True),
                                ),
                                name="code_is_normal",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RewardWords",
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
                        ("language", models.CharField(max_length=10)),
                        ("name", models.CharField(blank=True, max_length=120)),
                        ("terms", models.CharField(blank=True, max_length=1000)),
                        (
                            "reward",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="words",
                                to="loyalty.reward",
                            ),
                        ),
                        (
                            "card",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=2000
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["reward", "language"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("reward", "language"), name="reward_words_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("card", ""),
                                    ("name", ""),
                                    ("terms", ""),
                                    _negated=True,
                                ),
                                name="reward_words_say_something",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RewardYear",
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
                        ("year", models.PositiveSmallIntegerField()),
                        ("given", models.PositiveIntegerField(db_default=0, default=0)),
                        (
                            "spent",
                            models.DecimalField(
                                db_default=0, decimal_places=4, default=0, max_digits=18
                            ),
                        ),
                        (
                            "reward",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="years",
                                to="loyalty.reward",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["reward", "-year"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("reward", "year"), name="reward_year_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("spent__gte", 0)),
                                name="reward_year_spent",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Redemption",
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
                        ("order_key", models.CharField(max_length=120)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("reserved", "Reserved"),
                                    ("redeemed", "Redeemed"),
                                    ("released", "Released"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("made_at", models.DateTimeField()),
                        ("kept_until", models.DateTimeField(blank=True, null=True)),
                        ("redeemed_at", models.DateTimeField(blank=True, null=True)),
                        ("released_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "via",
                            models.CharField(
                                choices=[
                                    ("till", "Till"),
                                    ("api", "Api"),
                                    ("file", "File"),
                                ],
                                max_length=4,
                            ),
                        ),
                        (
                            "order_total",
                            models.DecimalField(
                                blank=True, decimal_places=4, max_digits=18, null=True
                            ),
                        ),
                        ("currency", models.CharField(blank=True, max_length=3)),
                        (
                            "code",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="redemptions",
                                to="loyalty.code",
                            ),
                        ),
                        (
                            "token",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="crm.apitoken",
                            ),
                        ),
                        (
                            "user",
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
                            models.Index(fields=["code"], name="redemption_code"),
                            models.Index(fields=["order_key"], name="redemption_order"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("state__in", ["reserved", "redeemed"])
                                ),
                                fields=("code",),
                                name="code_used_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["reserved", "redeemed", "released"])
                                ),
                                name="redemption_state",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("via__in", ["till", "api", "file"])
                                ),
                                name="redemption_via",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("order_key", ""), _negated=True),
                                name="redemption_has_order",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("kept_until__isnull", False),
                                        ("redeemed_at", None),
                                        ("released_at", None),
                                        ("state", "reserved"),
                                    ),
                                    models.Q(
                                        ("redeemed_at__isnull", False),
                                        ("released_at", None),
                                        ("state", "redeemed"),
                                    ),
                                    models.Q(
                                        ("released_at__isnull", False),
                                        ("state", "released"),
                                    ),
                                    _connector="OR",
                                ),
                                name="redemption_times",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProductRhythm",
                    fields=[
                        (
                            "product",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="crm.product",
                            ),
                        ),
                        ("buyers", models.PositiveIntegerField()),
                        ("again", models.PositiveIntegerField()),
                        ("intervals", models.PositiveIntegerField()),
                        ("total", models.FloatField()),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("again__lte", models.F("buyers"))),
                                name="product_rhythm_again_of_buyers",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ShopRhythm",
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
                        ("values", models.JSONField()),
                        ("learned_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("pk", 1)), name="shop_rhythm_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Silence",
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
                        ("last_on", models.DateField()),
                        ("usual_gap", models.PositiveIntegerField()),
                        ("silent_on", models.DateField()),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["silent_on"], name="silence_begins")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("silent_on__gt", models.F("last_on"))
                                ),
                                name="silence_after_the_last_order",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StaleProduct",
                    fields=[
                        (
                            "product",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="crm.product",
                            ),
                        ),
                        ("marked_at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="Entry",
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
                            "kind",
                            models.CharField(
                                choices=[
                                    ("earned", "Earned"),
                                    ("spent", "Spent"),
                                    ("expired", "Expired"),
                                    ("reversed", "Reversed"),
                                    ("adjusted", "Adjusted"),
                                    ("imported", "Imported"),
                                    ("transferred", "Transferred"),
                                ],
                                max_length=11,
                            ),
                        ),
                        (
                            "amount",
                            models.DecimalField(decimal_places=4, max_digits=18),
                        ),
                        ("source_key", models.CharField(max_length=200)),
                        ("order_id", models.BigIntegerField(blank=True, null=True)),
                        ("on", models.DateField()),
                        ("available_on", models.DateField(blank=True, null=True)),
                        ("expires_on", models.DateField(blank=True, null=True)),
                        ("at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "undoes",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="undone_by",
                                to="loyalty.entry",
                            ),
                        ),
                        (
                            "membership",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entries",
                                to="loyalty.membership",
                            ),
                        ),
                        (
                            "rule_version",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="loyalty.ruleversion",
                            ),
                        ),
                        (
                            "origin",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="loyalty.entry",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                models.F("membership"),
                                models.OrderBy(models.F("id"), descending=True),
                                name="entry_ledger",
                            ),
                            models.Index(
                                condition=models.Q(("order_id__isnull", False)),
                                fields=["membership", "order_id"],
                                name="entry_of_order",
                            ),
                            models.Index(
                                condition=models.Q(("undoes__isnull", False)),
                                fields=["undoes"],
                                name="entry_undoes",
                            ),
                            models.Index(fields=["on"], name="entry_day"),
                            django.contrib.postgres.indexes.BrinIndex(
                                fields=["at"], name="entry_written"
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("membership", "source_key"), name="entry_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        [
                                            "earned",
                                            "spent",
                                            "expired",
                                            "reversed",
                                            "adjusted",
                                            "imported",
                                            "transferred",
                                        ],
                                    )
                                ),
                                name="entry_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("source_key", ""), _negated=True),
                                name="entry_has_source_key",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("amount__gt", 0),
                                        ("kind__in", ["earned", "imported"]),
                                    ),
                                    models.Q(("amount__lt", 0), ("kind", "spent")),
                                    models.Q(
                                        (
                                            "kind__in",
                                            [
                                                "expired",
                                                "reversed",
                                                "adjusted",
                                                "transferred",
                                            ],
                                        ),
                                        models.Q(("amount", 0), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="entry_sign",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("amount__gt", 0),
                                        ("available_on__isnull", False),
                                    ),
                                    models.Q(
                                        ("amount__lt", 0),
                                        ("available_on", None),
                                        ("expires_on", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="entry_days",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("origin", None), ("amount__gt", 0), _connector="OR"
                                ),
                                name="entry_origin",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EntryNote",
                    fields=[
                        (
                            "entry",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="note",
                                serialize=False,
                                to="loyalty.entry",
                            ),
                        ),
                        ("text", models.CharField(blank=True, max_length=300)),
                    ],
                ),
                migrations.CreateModel(
                    name="Membership",
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
                        ("joined_at", models.DateTimeField()),
                        ("left_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "balance",
                            models.DecimalField(
                                db_default=0, decimal_places=4, default=0, max_digits=18
                            ),
                        ),
                        (
                            "owed",
                            models.DecimalField(
                                db_default=0, decimal_places=4, default=0, max_digits=18
                            ),
                        ),
                        ("active_on", models.DateField()),
                        (
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="memberships",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="memberships",
                                to="loyalty.programme",
                            ),
                        ),
                        (
                            "absences",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                blank=True,
                                db_default=[],
                                default=list,
                                size=None,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                models.F("programme"),
                                models.OrderBy(models.F("balance"), descending=True),
                                models.F("id"),
                                name="membership_list",
                            ),
                            models.Index(
                                condition=models.Q(("balance__gt", 0)),
                                fields=["programme", "active_on"],
                                name="membership_silent",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("customer", "programme"), name="membership_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("owed__gte", 0)),
                                name="membership_owed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "balance__gte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("owed"), "*", models.Value(-1)
                                        ),
                                    )
                                ),
                                name="membership_balance",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Programme",
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
                                    ("points", "Points"),
                                    ("punch_card", "Punch card"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "unit",
                            models.CharField(
                                choices=[
                                    ("points", "Points"),
                                    ("money", "Money"),
                                    ("stamps", "Stamps"),
                                ],
                                max_length=6,
                            ),
                        ),
                        (
                            "places",
                            models.PositiveSmallIntegerField(db_default=0, default=0),
                        ),
                        ("currency", models.CharField(max_length=3)),
                        (
                            "worth",
                            models.DecimalField(
                                blank=True, decimal_places=6, max_digits=18, null=True
                            ),
                        ),
                        (
                            "takes_part",
                            models.CharField(
                                choices=[
                                    ("all", "All"),
                                    ("segment", "Segment"),
                                    ("joining", "Joining"),
                                ],
                                db_default="all",
                                default="all",
                                max_length=7,
                            ),
                        ),
                        (
                            "expiry",
                            models.CharField(
                                choices=[
                                    ("never", "Never"),
                                    ("days", "Days"),
                                    ("month_end", "Month end"),
                                    ("year_end", "Year end"),
                                    ("inactivity", "Inactivity"),
                                ],
                                db_default="never",
                                default="never",
                                max_length=10,
                            ),
                        ),
                        (
                            "expires_after",
                            models.PositiveSmallIntegerField(blank=True, null=True),
                        ),
                        ("expiry_since", models.DateField(blank=True, null=True)),
                        (
                            "returns_days",
                            models.PositiveSmallIntegerField(db_default=14, default=14),
                        ),
                        (
                            "assumed_delivery_days",
                            models.PositiveSmallIntegerField(blank=True, null=True),
                        ),
                        ("looked_through", models.DateField(blank=True, null=True)),
                        ("archived_at", models.DateTimeField(blank=True, null=True)),
                        ("created_at", models.DateTimeField()),
                        (
                            "version",
                            models.PositiveIntegerField(db_default=1, default=1),
                        ),
                        (
                            "left_out",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.segment",
                            ),
                        ),
                        (
                            "segment",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.segment",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["name", "id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("archived_at", None)),
                                fields=("name",),
                                name="programme_name_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name", ""), _negated=True),
                                name="programme_has_name",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("kind__in", ["points", "punch_card"])
                                ),
                                name="programme_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("unit__in", ["points", "money", "stamps"])
                                ),
                                name="programme_unit",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("takes_part__in", ["all", "segment", "joining"])
                                ),
                                name="programme_takes_part",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "expiry__in",
                                        [
                                            "never",
                                            "days",
                                            "month_end",
                                            "year_end",
                                            "inactivity",
                                        ],
                                    )
                                ),
                                name="programme_expiry",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("places__lte", 4)),
                                name="programme_places",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("kind", "punch_card"), ("unit", "stamps")
                                    ),
                                    models.Q(
                                        models.Q(("kind", "punch_card"), _negated=True),
                                        models.Q(("unit", "stamps"), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="programme_card_has_stamps",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("worth", None), ("worth__gt", 0), _connector="OR"
                                ),
                                name="programme_worth",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("segment__isnull", False),
                                        ("takes_part", "segment"),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("takes_part", "segment"), _negated=True
                                        ),
                                        ("segment", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="programme_segment",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("expires_after__isnull", False),
                                        (
                                            "expiry__in",
                                            [
                                                "days",
                                                "month_end",
                                                "year_end",
                                                "inactivity",
                                            ],
                                        ),
                                        ("expiry_since__isnull", False),
                                    ),
                                    models.Q(
                                        ("expires_after", None),
                                        ("expiry", "never"),
                                        ("expiry_since", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="programme_expires_after",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("returns_days__lte", 365),
                                    models.Q(
                                        ("assumed_delivery_days", None),
                                        ("assumed_delivery_days__lte", 90),
                                        _connector="OR",
                                    ),
                                ),
                                name="programme_waits",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HandLimit",
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
                            "role",
                            models.CharField(
                                choices=[
                                    ("owner", "Owner"),
                                    ("manager", "Manager"),
                                    ("agent", "Agent"),
                                    ("marketer", "Marketer"),
                                    ("analyst", "Analyst"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("most", models.DecimalField(decimal_places=4, max_digits=18)),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="hand_limits",
                                to="loyalty.programme",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["programme", "role"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("programme", "role"), name="hand_limit_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "role__in",
                                        [
                                            "owner",
                                            "manager",
                                            "agent",
                                            "marketer",
                                            "analyst",
                                        ],
                                    )
                                ),
                                name="hand_limit_role",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("most__gt", 0)),
                                name="hand_limit_most",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProgrammePeriod",
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
                        ("from_on", models.DateField()),
                        ("until_on", models.DateField(blank=True, null=True)),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="periods",
                                to="loyalty.programme",
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("began_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ["programme", "from_on"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("until_on", None)),
                                fields=("programme",),
                                name="programme_on_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("until_on", None),
                                    ("until_on__gte", models.F("from_on")),
                                    _connector="OR",
                                ),
                                name="programme_period_order",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_at", None),
                                    ("until_on__isnull", False),
                                    _connector="OR",
                                ),
                                name="programme_period_end",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("began_at", None),
                                    ("ended_at", None),
                                    ("ended_at__gte", models.F("began_at")),
                                    _connector="OR",
                                ),
                                name="programme_period_moments",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProgrammeReward",
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
                        ("price", models.DecimalField(decimal_places=4, max_digits=18)),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="offers",
                                to="loyalty.programme",
                            ),
                        ),
                        (
                            "reward",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="loyalty.reward",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["programme", "price", "id"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("programme", "reward"),
                                name="programme_reward_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("price__gt", 0)),
                                name="programme_reward_price",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProgrammeWords",
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
                        ("language", models.CharField(max_length=10)),
                        ("name", models.CharField(max_length=120)),
                        ("terms", models.CharField(blank=True, max_length=4000)),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="words",
                                to="loyalty.programme",
                            ),
                        ),
                        (
                            "unit_many",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=40
                            ),
                        ),
                        (
                            "unit_one",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=40
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["programme", "language"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("programme", "language"),
                                name="programme_words_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name", ""), _negated=True),
                                name="programme_words_name",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("unit_many", ""), ("unit_one", "")),
                                    models.Q(
                                        models.Q(("unit_one", ""), _negated=True),
                                        models.Q(("unit_many", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="programme_words_unit",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Rule",
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
                            "event",
                            models.CharField(
                                choices=[
                                    ("order", "Order"),
                                    ("sign_up", "Sign up"),
                                    ("step", "Step"),
                                    ("occasion", "Occasion"),
                                    ("review", "Review"),
                                ],
                                max_length=8,
                            ),
                        ),
                        (
                            "key",
                            models.SlugField(
                                blank=True, db_default="", default="", max_length=40
                            ),
                        ),
                        (
                            "name",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=120
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="rules",
                                to="loyalty.programme",
                            ),
                        ),
                        ("counts_from", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ["programme", "id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "event__in",
                                        [
                                            "order",
                                            "sign_up",
                                            "step",
                                            "occasion",
                                            "review",
                                        ],
                                    )
                                ),
                                name="rule_event",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    models.Q(("key", ""), _negated=True),
                                    ("ended_at", None),
                                ),
                                fields=("programme", "event", "key"),
                                name="rule_key_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("event__in", ["step", "occasion"]),
                                    ("key", ""),
                                    _negated=True,
                                ),
                                name="rule_has_key",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RuleVersion",
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
                        ("made_at", models.DateTimeField()),
                        ("units", models.DecimalField(decimal_places=4, max_digits=18)),
                        (
                            "measure",
                            models.CharField(
                                choices=[
                                    ("money", "Money"),
                                    ("visit", "Visit"),
                                    ("item", "Item"),
                                ],
                                db_default="visit",
                                default="visit",
                                max_length=5,
                            ),
                        ),
                        (
                            "per",
                            models.DecimalField(
                                blank=True, decimal_places=4, max_digits=18, null=True
                            ),
                        ),
                        ("currency", models.CharField(max_length=3)),
                        (
                            "rounding",
                            models.CharField(
                                choices=[("down", "Down"), ("half_up", "Half up")],
                                db_default="down",
                                default="down",
                                max_length=7,
                            ),
                        ),
                        (
                            "factor",
                            models.DecimalField(
                                db_default=1, decimal_places=3, default=1, max_digits=6
                            ),
                        ),
                        (
                            "tax_percent",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=5, null=True
                            ),
                        ),
                        (
                            "minimum",
                            models.DecimalField(
                                blank=True, decimal_places=4, max_digits=18, null=True
                            ),
                        ),
                        (
                            "cap_order",
                            models.DecimalField(
                                blank=True, decimal_places=4, max_digits=18, null=True
                            ),
                        ),
                        (
                            "cap_day",
                            models.DecimalField(
                                blank=True, decimal_places=4, max_digits=18, null=True
                            ),
                        ),
                        (
                            "cap_month",
                            models.DecimalField(
                                blank=True, decimal_places=4, max_digits=18, null=True
                            ),
                        ),
                        (
                            "products",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(),
                                blank=True,
                                db_default=[],
                                default=list,
                                size=None,
                            ),
                        ),
                        (
                            "categories",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=120),
                                blank=True,
                                db_default=[],
                                default=list,
                                size=None,
                            ),
                        ),
                        (
                            "not_products",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(),
                                blank=True,
                                db_default=[],
                                default=list,
                                size=None,
                            ),
                        ),
                        (
                            "not_categories",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=120),
                                blank=True,
                                db_default=[],
                                default=list,
                                size=None,
                            ),
                        ),
                        (
                            "not_discounted",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "rule",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="versions",
                                to="loyalty.rule",
                            ),
                        ),
                        (
                            "not_for",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.segment",
                            ),
                        ),
                        (
                            "only_for",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.segment",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["rule", "number"],
                        "indexes": [
                            models.Index(
                                models.F("rule"),
                                models.OrderBy(models.F("made_at"), descending=True),
                                name="rule_version_latest",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("rule", "number"), name="rule_version_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("measure__in", ["money", "visit", "item"])
                                ),
                                name="rule_version_measure",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("rounding__in", ["down", "half_up"])
                                ),
                                name="rule_version_rounding",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("measure", "money"),
                                        ("per__gt", 0),
                                        ("per__isnull", False),
                                    ),
                                    models.Q(
                                        models.Q(("measure", "money"), _negated=True),
                                        ("per", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="rule_version_per",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("units__gt", 0), ("factor__gt", 0)),
                                name="rule_version_units",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("tax_percent", None),
                                    models.Q(
                                        ("tax_percent__gt", 0), ("tax_percent__lt", 100)
                                    ),
                                    _connector="OR",
                                ),
                                name="rule_version_tax",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("cap_order", None),
                                        ("cap_order__gt", 0),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("cap_day", None),
                                        ("cap_day__gt", 0),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("cap_month", None),
                                        ("cap_month__gt", 0),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("minimum", None),
                                        ("minimum__gt", 0),
                                        _connector="OR",
                                    ),
                                ),
                                name="rule_version_caps",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Spending",
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
                        ("key", models.CharField(max_length=120)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("reserved", "Reserved"),
                                    ("committed", "Committed"),
                                    ("released", "Released"),
                                ],
                                max_length=9,
                            ),
                        ),
                        ("kept_until", models.DateTimeField(blank=True, null=True)),
                        ("order_key", models.CharField(blank=True, max_length=120)),
                        (
                            "pays",
                            models.DecimalField(
                                blank=True, decimal_places=4, max_digits=18, null=True
                            ),
                        ),
                        ("made_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "entry",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="spending",
                                to="loyalty.entry",
                            ),
                        ),
                        (
                            "grant",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="spending",
                                to="loyalty.grant",
                            ),
                        ),
                        (
                            "membership",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="spendings",
                                to="loyalty.membership",
                            ),
                        ),
                        (
                            "token",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="crm.apitoken",
                            ),
                        ),
                        (
                            "user",
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
                                condition=models.Q(("state", "reserved")),
                                fields=["kept_until"],
                                name="member_spending_kept",
                            ),
                            models.Index(
                                condition=models.Q(("order_key", ""), _negated=True),
                                fields=["membership", "order_key"],
                                name="member_spending_of_order",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("membership", "key"),
                                name="member_spending_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("key", ""), _negated=True),
                                name="member_spending_has_key",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["reserved", "committed", "released"])
                                ),
                                name="member_spending_state",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("kept_until__isnull", False),
                                        ("state", "reserved"),
                                    ),
                                    models.Q(
                                        models.Q(("state", "reserved"), _negated=True),
                                        ("kept_until", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="member_spending_kept_until",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("ended_at__isnull", False),
                                        ("state", "released"),
                                    ),
                                    models.Q(
                                        models.Q(("state", "released"), _negated=True),
                                        ("ended_at", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="member_spending_ended",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StaleMember",
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
                                fields=["marked_at"], name="stale_member_oldest"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Lot",
                    fields=[
                        (
                            "entry",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="lot",
                                serialize=False,
                                to="loyalty.entry",
                            ),
                        ),
                        ("left", models.DecimalField(decimal_places=4, max_digits=18)),
                        ("available_on", models.DateField()),
                        ("expires_on", models.DateField(blank=True, null=True)),
                        ("order_id", models.BigIntegerField(blank=True, null=True)),
                        (
                            "membership",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lots",
                                to="loyalty.membership",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("left__gt", 0)),
                                fields=["membership"],
                                name="lot_open",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("expires_on__isnull", False), ("left__gt", 0)
                                ),
                                fields=["expires_on"],
                                name="lot_expiring",
                            ),
                            models.Index(
                                condition=models.Q(("order_id__isnull", False)),
                                fields=["membership", "order_id"],
                                name="lot_of_order",
                            ),
                            models.Index(
                                condition=models.Q(("left__gt", 0)),
                                fields=["available_on"],
                                name="lot_becoming",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("left__gte", 0)), name="lot_left"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Allocation",
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
                            "amount",
                            models.DecimalField(decimal_places=4, max_digits=18),
                        ),
                        (
                            "earned",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="went_to",
                                to="loyalty.entry",
                            ),
                        ),
                        (
                            "spent",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="taken_from",
                                to="loyalty.entry",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)),
                                name="allocation_amount",
                            ),
                            models.UniqueConstraint(
                                fields=("spent", "earned"), name="allocation_once"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ComplementRound",
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
                        ("begun_at", models.DateTimeField()),
                        ("counted_on", models.DateField()),
                        ("done_to", models.BigIntegerField(db_default=0, default=0)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("pk", 1)),
                                name="complement_round_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Complement",
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
                            "pick",
                            models.CharField(
                                choices=[
                                    ("found", "Found"),
                                    ("chosen", "Chosen"),
                                    ("hidden", "Hidden"),
                                ],
                                db_default="found",
                                default="found",
                                max_length=6,
                            ),
                        ),
                        (
                            "customers",
                            models.PositiveIntegerField(blank=True, null=True),
                        ),
                        ("lift", models.FloatField(blank=True, null=True)),
                        ("lift_low", models.FloatField(blank=True, null=True)),
                        ("counted_on", models.DateField(blank=True, null=True)),
                        (
                            "goes_with",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.product",
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
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("product", "goes_with"), name="complement_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("product", models.F("goes_with")), _negated=True
                                ),
                                name="complement_is_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("counted_on", None),
                                        ("customers", None),
                                        ("lift", None),
                                        ("lift_low", None),
                                    ),
                                    models.Q(
                                        ("counted_on__isnull", False),
                                        ("customers__isnull", False),
                                        ("lift__isnull", False),
                                        ("lift_low__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="complement_is_counted_whole",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("pick", "found"), _negated=True),
                                    ("customers__isnull", False),
                                    _connector="OR",
                                ),
                                name="complement_found_is_counted",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("pick__in", ["found", "chosen", "hidden"])
                                ),
                                name="complement_pick",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SuggestionRefusal",
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
                                name="suggestion_refusal_once",
                                nulls_distinct=False,
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OrderLink",
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
                        ("template", models.CharField(blank=True, max_length=500)),
                        ("updated_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("pk", 1)), name="order_link_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("template", ""),
                                    ("template__regex", "^https?://"),
                                    _connector="OR",
                                ),
                                name="order_link_is_page",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BalanceCheck",
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
                        ("checked_at", models.DateTimeField()),
                        ("wrong", models.PositiveIntegerField()),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("pk", 1)), name="balance_check_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProgrammeVersion",
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
                        ("made_at", models.DateTimeField()),
                        ("terms", models.JSONField()),
                        (
                            "fields",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=40),
                                blank=True,
                                db_default=[],
                                default=list,
                                size=None,
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="versions",
                                to="loyalty.programme",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["programme", "number"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("programme", "number"),
                                name="programme_version_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RuleWords",
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
                        ("language", models.CharField(max_length=10)),
                        ("name", models.CharField(max_length=120)),
                        (
                            "rule",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="words",
                                to="loyalty.rule",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["rule", "language"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("rule", "language"), name="rule_words_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name", ""), _negated=True),
                                name="rule_words_name",
                            ),
                        ],
                    },
                ),
            ]
        ),
        migrations.RunSQL(APPEND_ONLY),
        migrations.RunSQL(MARK),
        migrations.RunPython(ship),
    ]
