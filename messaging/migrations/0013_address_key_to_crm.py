"""The key behind hashes moves to crm, whose erased ids need it too; the row stays."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("messaging", "0012_defaults_in_the_database")]
    operations: ClassVar = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.DeleteModel(name="AddressKey")]
        )
    ]
