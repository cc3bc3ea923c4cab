"""The segment of those who are late for what they usually buy."""

from datetime import UTC, datetime

from django.db import migrations

SHIPPED = {
    "slipping": (
        "Slipping",
        [
            {"field": "orders.overdue", "is": "at_least", "values": ["1.5"]},
            {
                "field": "orders.last",
                "is": "in_last",
                "period": {"count": 12, "unit": "months"},
            },
        ],
    ),
}


def ship(apps, schema_editor):
    model, now = apps.get_model("crm", "Segment"), datetime.now(tz=UTC)
    for shipped, (name, parts) in SHIPPED.items():
        model.objects.create(
            name=name,
            shipped=shipped,
            conditions={"match": "all", "parts": parts},
            created_at=now,
            updated_at=now,
        )


def take_back(apps, schema_editor):
    apps.get_model("crm", "Segment").objects.filter(shipped__in=SHIPPED).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0024_segments_and_order_sums"),
        ("loyalty", "0003_items_trust_their_message"),
    ]
    operations = [migrations.RunPython(ship, take_back)]
