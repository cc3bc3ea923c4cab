"""Ids that are addresses have no capitals, as imports read them from now on.

Where another record of the source has the id already, both stay as they are.
"""

from django.db import migrations

WITHOUT_CAPITALS = """
    UPDATE crm_customer c SET external_id = lower(c.external_id)
    WHERE c.erased_at IS NULL
        AND c.external_id ~ '^[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:]]+$'
        AND c.external_id <> lower(c.external_id)
        AND NOT EXISTS (
            SELECT FROM crm_customer o
            WHERE o.source = c.source AND o.id <> c.id
                AND lower(o.external_id) = lower(c.external_id))
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0030_records_of_signing_in_may_go")]

    operations = [
        migrations.RunSQL(WITHOUT_CAPITALS, reverse_sql=migrations.RunSQL.noop)
    ]
