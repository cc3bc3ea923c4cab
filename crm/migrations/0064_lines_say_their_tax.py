from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0063_note_imported_contracts"),
    ]

    operations = [
        migrations.AddField(
            model_name="orderline",
            name="tax",
            field=models.DecimalField(
                blank=True, decimal_places=4, max_digits=14, null=True
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("tax", None),
                    ("tax", 0),
                    models.Q(("tax__gt", 0), ("tax__lt", models.F("amount"))),
                    models.Q(("tax__gt", models.F("amount")), ("tax__lt", 0)),
                    _connector="OR",
                ),
                name="order_line_tax_is_part_of_amount",
            ),
        ),
    ]
