"""Order a customer's messages by when they happened or will, not by their planning."""

import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0003_contact_limits")]

    operations = [
        migrations.RemoveIndex(model_name="message", name="message_timeline"),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                models.F("customer"),
                models.OrderBy(
                    django.db.models.functions.comparison.Coalesce(
                        "final_at", "not_before"
                    ),
                    descending=True,
                ),
                models.OrderBy(models.F("id"), descending=True),
                name="message_timeline",
            ),
        ),
    ]
