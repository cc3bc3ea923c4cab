"""Reorder reminders, as migrations 1 to 4 left them."""

from datetime import UTC, datetime

import django.db.models.deletion
from django.db import migrations, models

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
    dependencies = [
        ("crm", "0001_squashed_0046_count_orders_of_all_currencies"),
        ("messaging", "0001_squashed_0018_sending_accounts"),
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
            ]
        ),
        migrations.RunSQL(MARK),
        migrations.RunPython(ship),
    ]
