"""The segments that come with surveys."""

from datetime import UTC, datetime

from django.db import migrations

SHIPPED = {
    "promoters": (
        "Promoters",
        [{"field": "survey.band", "is": "any_of", "values": ["promoter"]}],
    ),
    "detractors": (
        "Detractors",
        [{"field": "survey.band", "is": "any_of", "values": ["detractor"]}],
    ),
    # Who buys again and again and has never said what they think.
    "quiet_repeaters": (
        "Quiet repeaters",
        [
            {"field": "orders.count", "is": "at_least", "values": ["3"]},
            {
                "field": "orders.last",
                "is": "in_last",
                "period": {"count": 12, "unit": "months"},
            },
            {"field": "survey.answered", "is": "unknown"},
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
        ("surveys", "0005_occurrences_name_their_automation"),
    ]
    operations = [migrations.RunPython(ship, take_back)]
