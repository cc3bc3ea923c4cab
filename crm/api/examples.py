"""One whole request of each kind, for the schema."""

from drf_spectacular.utils import OpenApiExample

CUSTOMER = OpenApiExample(
    "A customer of a shop",
    request_only=True,
    value={
        "external_id": "C-1001",
        "given_name": "Dana",
        "family_name": "Levi",
        "email": "dana@example.org",
        "phone": "+972 52 123 4567",
        "language": "he",
        "time_zone": "Asia/Jerusalem",
        "country": "IL",
        "birthday": "05-12",
        "since_on": "2019-05-12",
    },
)
CHANGE = OpenApiExample(
    "Another address", request_only=True, value={"email": "dana.levi@example.org"}
)
ORDER = OpenApiExample(
    "An order of one line",
    request_only=True,
    value={
        "order_id": "1001",
        "customer_id": "C-1001",
        "ordered_at": "2026-11-20T10:00:00Z",
        "currency": "EUR",
        "lines": [
            {
                "sku": "ETH-1",
                "product": "Ethiopia 1 kg",
                "quantity": "2",
                "unit_price": "12.50",
            }
        ],
    },
)
CALL = OpenApiExample(
    "A call",
    request_only=True,
    value={
        "customer": 1,
        "channel": "call",
        "direction": "inbound",
        "happened_at": "2026-11-20T10:00:00Z",
        "subject": "Grinder",
        "body": "Asked which grinder fits.",
        "source_key": "pbx:1001",
    },
)
PRODUCT = OpenApiExample(
    "A product that lasts a month",
    request_only=True,
    value={
        "sku": "ETH-1",
        "name": "Ethiopia 1 kg",
        "category": "Coffee",
        "price": "24.50",
        "currency": "EUR",
        "link": "https://shop.example/ethiopia-1kg",
        "is_available": True,
        "days_of_supply": 30,
    },
)
CONTRACT = OpenApiExample(
    "A contract of 29.90 a month",
    request_only=True,
    value={
        "external_id": "K-1001",
        "customer": 1,
        "plan": "Pro",
        "value": "29.90",
        "currency": "EUR",
        "started_on": "2026-11-01",
    },
)
