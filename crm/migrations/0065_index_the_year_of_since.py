from django.db import migrations, models
from django.db.models import F


class Migration(migrations.Migration):
    dependencies = [("crm", "0064_lines_say_their_tax")]

    operations = [
        migrations.RemoveIndex(model_name="customer", name="customer_since_day"),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                F("since_on__month") * 100 + F("since_on__day"),
                F("since_on"),
                condition=models.Q(merged_into=None, erased_at=None),
                name="customer_since_day",
            ),
        ),
    ]
