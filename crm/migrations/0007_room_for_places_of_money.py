"""Amounts keep the places of every currency: a dinar has three, an UF of Chile four.

Wider places rewrite both tables, once: their writers wait meanwhile. Going back rounds
what has more than two places, which is how it was stored before.
"""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("crm", "0006_room_for_order_days")]
    operations: ClassVar = [
        migrations.AlterField(
            model_name="order",
            name="total",
            field=models.DecimalField(decimal_places=4, max_digits=18),
        ),
        migrations.AlterField(
            model_name="orderline",
            name="amount",
            field=models.DecimalField(decimal_places=4, max_digits=14),
        ),
    ]
