from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("crm", "0011_product_rules_of_a_source")]
    operations: ClassVar = [
        migrations.AlterField(
            model_name="productrule",
            name="source",
            field=models.CharField(default="main", max_length=40),
        ),
        migrations.AddConstraint(
            model_name="productrule",
            constraint=models.CheckConstraint(
                condition=~models.Q(source=""), name="product_rule_has_source"
            ),
        ),
    ]
