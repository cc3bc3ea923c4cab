"""What files brought beside a person, under names of their own, gets fields: of text.

Names that no field can have stay where they are, as does what is no text.
"""

from typing import ClassVar

from django.db import migrations

MAKE = """
    INSERT INTO crm_customfield
        (key, label, kind, place, position, created_at, updated_at)
    SELECT name, name, 'text', 'panel', row_number() OVER (ORDER BY name), now(), now()
    FROM (SELECT DISTINCT name FROM crm_customer, jsonb_object_keys(custom) AS name
        WHERE custom <> '{}' AND length(name) BETWEEN 1 AND 200) AS names
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("crm", "0038_custom_fields")]
    operations: ClassVar = [migrations.RunSQL(MAKE, migrations.RunSQL.noop)]
