from django.db import migrations

# Whoever bought before there were reminders is worked out by the first sweep.
MARK = """
INSERT INTO loyalty_stalecustomer (customer_id, marked_at)
SELECT id, now() FROM crm_customer WHERE last_order_on IS NOT NULL
ON CONFLICT (customer_id) DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0001_reorders")]

    operations = [migrations.RunSQL(MARK, migrations.RunSQL.noop)]
