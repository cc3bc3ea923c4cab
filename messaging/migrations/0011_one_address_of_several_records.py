"""Stops, pauses and limits belong to an address, however many records carry it."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0007_room_for_places_of_money"),
        ("messaging", "0010_consent_by_staff"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="hold",
            name="address_hash",
            field=models.BinaryField(blank=True, max_length=32, null=True),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(
                models.F("address_hash"),
                models.F("category"),
                models.OrderBy(models.F("id"), descending=True),
                name="consent_address",
            ),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(
                condition=models.Q(("released_at", None)),
                fields=["address_hash"],
                name="hold_of_address",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(
                    ("state__in", ["claimed", "handed", "sent", "uncertain"])
                ),
                fields=["address_hash", "counted_at"],
                name="message_address_budget",
            ),
        ),
    ]
