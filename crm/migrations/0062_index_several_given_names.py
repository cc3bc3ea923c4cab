from django.contrib.postgres.indexes import GinIndex
from django.db import migrations
from django.db.models import Q

from crm.models.fields import NameWords


class Migration(migrations.Migration):
    dependencies = [("crm", "0061_number_contracts")]

    operations = [
        migrations.AddIndex(
            model_name="customer",
            index=GinIndex(
                NameWords("given_name"),
                condition=Q(merged_into=None, erased_at=None)
                & Q(given_name__regex="[ -]"),
                name="customer_several_names",
            ),
        ),
    ]
