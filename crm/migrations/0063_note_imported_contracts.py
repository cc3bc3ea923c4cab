from django.db import migrations, models

WHAT = [
    ("customer", "Customer"),
    ("customer_tag", "Customer tag"),
    ("address", "Address"),
    ("tag", "Tag"),
    ("order", "Order"),
    ("order_line", "Order line"),
    ("product", "Product"),
    ("interaction", "Interaction"),
    ("company", "Company"),
    ("company_link", "Company link"),
    ("contract", "Contract"),
    ("entry", "Entry"),
    ("answer", "Answer"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0062_index_several_given_names"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="importedrow",
            name="imported_row_what",
        ),
        migrations.AlterField(
            model_name="importedrow",
            name="what",
            field=models.CharField(choices=WHAT, max_length=12),
        ),
        migrations.AddConstraint(
            model_name="importedrow",
            constraint=models.CheckConstraint(
                condition=models.Q(("what__in", [value for value, _ in WHAT])),
                name="imported_row_what",
            ),
        ),
    ]
