import django.db.models.deletion
from django.db import migrations, models

# By the new rule; whoever bought before it is worked out by the first sweep.
MARK = """
INSERT INTO loyalty_stalecustomer (customer_id, marked_at)
SELECT id, now() FROM crm_customer WHERE last_order_on IS NOT NULL
ON CONFLICT (customer_id) DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0054_product_facts"),
        ("loyalty", "0007_rewards"),
    ]

    operations = [
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
        ),
        migrations.RemoveConstraint(
            model_name="nextpurchase",
            name="next_purchase_basis",
        ),
        migrations.AlterField(
            model_name="nextpurchase",
            name="basis",
            field=models.CharField(
                choices=[
                    ("own", "Own"),
                    ("product", "Product"),
                    ("supply", "Supply"),
                    ("season", "Season"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="nextpurchase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("basis__in", ["own", "product", "supply", "season"])
                ),
                name="next_purchase_basis",
            ),
        ),
        migrations.AddConstraint(
            model_name="productrhythm",
            constraint=models.CheckConstraint(
                condition=models.Q(("again__lte", models.F("buyers"))),
                name="product_rhythm_again_of_buyers",
            ),
        ),
        migrations.AddConstraint(
            model_name="shoprhythm",
            constraint=models.CheckConstraint(
                condition=models.Q(("pk", 1)), name="shop_rhythm_once"
            ),
        ),
        migrations.RunSQL(MARK, migrations.RunSQL.noop),
    ]
