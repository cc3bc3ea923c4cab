"""Second addresses and numbers of a person; an import that adds some can be undone."""

from typing import ClassVar

import django.db.models.deletion
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations, models

import crm.models.fields

# As migration 0027 does for the other tables that an import fills.
NOTE = """
CREATE TRIGGER crm_customeraddress_note_inserted AFTER INSERT ON crm_customeraddress
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
    WHEN (nullif(current_setting('perennial.import_run', true), '') IS NOT NULL)
    EXECUTE FUNCTION
        crm_note_inserted('address', 'NULL::bigint', 'n.customer_id', 'true');
"""
NOTE_NO_MORE = "DROP TRIGGER crm_customeraddress_note_inserted ON crm_customeraddress;"


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("crm", "0036_follow_segments"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="CustomerAddress",
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
                        choices=[("email", "Email"), ("phone", "Phone")], max_length=5
                    ),
                ),
                ("value", models.CharField(max_length=254)),
                ("norm", models.CharField(max_length=254)),
                (
                    "label",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=40
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="addresses",
                        to="crm.customer",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "customer addresses",
                "ordering": ["kind", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("customer", "kind", "norm"),
                        name="customer_address_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("norm", ""), _negated=True),
                            models.Q(("value", ""), _negated=True),
                        ),
                        name="customer_address_not_empty",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["email", "phone"])),
                        name="customer_address_kind",
                    ),
                ],
                "indexes": [
                    models.Index(
                        OpClass("norm", name="text_pattern_ops"),
                        name="customer_address_norm",
                    ),
                    GinIndex(
                        OpClass(
                            crm.models.fields.PhoneDigits("value"), name="gin_trgm_ops"
                        ),
                        condition=models.Q(("kind", "phone")),
                        name="customer_address_digits",
                    ),
                ],
            },
        ),
        migrations.RemoveConstraint(model_name="importedrow", name="imported_row_what"),
        migrations.AlterField(
            model_name="importedrow",
            name="what",
            field=models.CharField(
                choices=[
                    ("customer", "Customer"),
                    ("customer_tag", "Customer tag"),
                    ("address", "Address"),
                    ("tag", "Tag"),
                    ("order", "Order"),
                    ("order_line", "Order line"),
                    ("product", "Product"),
                    ("interaction", "Interaction"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="importedrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "what__in",
                        [
                            *("customer", "customer_tag", "address", "tag", "order"),
                            *("order_line", "product", "interaction"),
                        ],
                    )
                ),
                name="imported_row_what",
            ),
        ),
        migrations.RunSQL(NOTE, NOTE_NO_MORE),
    ]
