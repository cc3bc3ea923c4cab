"""Contracts that were typed in get a number, as new ones do, so that an export of them
comes back as the same ones."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0060_products_say_their_tax"),
    ]

    operations = [
        migrations.RunSQL(
            """UPDATE crm_subscription s SET external_id =
                'S-' || left(replace(gen_random_uuid()::text, '-', ''), 12)
            FROM crm_customer c
            WHERE c.id = s.customer_id AND c.erased_at IS NULL
                AND s.external_id = ''""",
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["plan"], name="subscription_plan"),
        ),
    ]
