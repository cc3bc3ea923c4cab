"""A number is found by any part of it, as written, also where no country is known."""

from typing import ClassVar

import django.contrib.postgres.indexes
from django.db import migrations

import crm.models.fields


class Migration(migrations.Migration):
    dependencies: ClassVar = [("crm", "0013_second_factor_and_sessions")]
    operations: ClassVar = [
        # A million numbers may take longer than a statement of a page may.
        migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="customer",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    crm.models.fields.PhoneDigits("phone_text"), name="gin_trgm_ops"
                ),
                name="customer_phone_digits",
            ),
        ),
    ]
