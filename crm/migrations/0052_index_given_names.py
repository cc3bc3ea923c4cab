from django.db import migrations, models
from django.db.models import Q

from crm.models.fields import NameKey


class Migration(migrations.Migration):
    dependencies = [("crm", "0051_index_occasions")]

    operations = [
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                NameKey("given_name"),
                condition=Q(merged_into=None, erased_at=None) & ~Q(given_name=""),
                name="customer_name_day",
            ),
        ),
    ]
