import django.contrib.postgres.indexes
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("crm", "0050_ask_before_large_campaigns")]

    operations = [
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                F("first_order_on__month") * 100 + F("first_order_on__day"),
                condition=Q(merged_into=None, erased_at=None),
                name="customer_first_order_day",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    "custom", name="jsonb_path_ops"
                ),
                condition=Q(merged_into=None, erased_at=None) & ~Q(custom={}),
                name="customer_custom",
            ),
        ),
    ]
