from django.db import migrations, models

# Orders in any currency, in each row of a customer.
COUNT_ALL = """
UPDATE crm_ordersum s SET all_orders = counted.orders
FROM (SELECT customer_id, sum(orders) AS orders FROM crm_ordersum
    GROUP BY customer_id) counted
WHERE counted.customer_id = s.customer_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0045_note_companies_of_imports"),
    ]

    operations = [
        migrations.AddField(
            model_name="ordersum",
            name="all_orders",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.RunSQL(COUNT_ALL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="ordersum",
            constraint=models.CheckConstraint(
                condition=models.Q(("all_orders__gte", models.F("orders"))),
                name="order_sum_of_all",
            ),
        ),
    ]
