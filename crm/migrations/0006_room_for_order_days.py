"""Leave room in the pages of customers, orders' most frequent companions.

Every imported slice moves last_order_on of the customers who bought. The column has no
index, so PostgreSQL can write the new version beside the old one without touching the
ten indexes (HOT), but only where the page has room. Measured with 20,000 customers and
100,000 order lines, the order days cost 1.04 s of CPU with full pages, 0.41 s so.
"""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("crm", "0005_codes_that_are_not_products")]
    operations: ClassVar = [
        migrations.RunSQL(
            "ALTER TABLE crm_customer SET (fillfactor = 75)",
            "ALTER TABLE crm_customer RESET (fillfactor)",
        )
    ]
