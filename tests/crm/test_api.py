"""The API: keys and scopes, one error shape, nothing that a machine should not send."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from crm.access import SCOPES
from crm.models import ApiToken, AuditEntry, Customer, Order
from crm.services import api_tokens, customers

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
CUSTOMERS = "/api/v1/customers/"


@pytest.fixture
def key(db):
    _, key = api_tokens.issue(name="shop", scopes=list(SCOPES), now=NOW)
    return key


@pytest.fixture
def api(key):
    return Client(headers={"Authorization": f"Bearer {key}"})


@pytest.fixture
def dana(db):
    return customers.create_customer(
        now=NOW, external_id="C1", given_name="Dana", email="dana@example.org"
    )


def post(client, path, body):
    return client.post(path, body, content_type="application/json")


def an_order(**more):
    return {
        "order_id": "1001",
        "customer_id": "C1",
        "ordered_at": "2026-11-20T10:00:00Z",
        "lines": [{"sku": "ETH-1", "quantity": "2", "unit_price": "12.50"}],
        **more,
    }


def test_without_a_key_nothing_is_shown(db):
    answer = Client().get(CUSTOMERS)

    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authenticated"


def test_a_key_opens_only_its_scopes(db):
    _, key = api_tokens.issue(name="reader", scopes=["customers:read"], now=NOW)
    reader = Client(headers={"Authorization": f"Bearer {key}"})

    assert reader.get(CUSTOMERS).json()["results"] == []
    assert post(reader, CUSTOMERS, {"given_name": "X"}).status_code == 403


def test_a_key_that_was_ended_opens_nothing(api):
    api_tokens.revoke(ApiToken.objects.get(), now=NOW)

    assert api.get(CUSTOMERS).status_code == 401


def test_a_key_past_its_day_opens_nothing(api):
    ApiToken.objects.update(expires_at=NOW)

    assert api.get(CUSTOMERS).status_code == 401


def test_the_database_holds_no_usable_key(key):
    token = ApiToken.objects.get()

    assert key.encode() not in bytes(token.token_hash)
    assert len(token.prefix) < len(key) / 2


def test_a_customer_is_created_read_and_changed(api):
    made = post(
        api,
        CUSTOMERS,
        {"given_name": "陳", "family_name": "怡君", "country": "TW", "city": "信義區"},
    )
    path = f"{CUSTOMERS}{made.json()['id']}/"

    changed = api.patch(
        path, {"phone": "+886 2 2345 6789"}, content_type="application/json"
    )

    assert (made.status_code, changed.status_code) == (201, 200)
    told = api.get(path).json()
    assert (told["phone"], told["city"]) == ("+886223456789", "信義區")


def test_the_audit_names_the_key(api):
    post(api, CUSTOMERS, {"given_name": "Dana"})

    entry = AuditEntry.objects.get(action="customer.created")
    assert (entry.actor_kind, entry.actor_id) == ("api", ApiToken.objects.get().pk)


def test_a_stale_version_is_a_conflict(api, dana):
    path = f"{CUSTOMERS}{dana.pk}/"
    body = {"notes": "x", "version": 1}
    api.patch(path, body, content_type="application/json")

    again = api.patch(path, {**body, "notes": "y"}, content_type="application/json")

    assert (again.status_code, again.json()["code"]) == (409, "stale_version")


@pytest.mark.parametrize(
    "field", ["is_staff", "id", "version", "search_text", "merged_into"]
)
def test_a_field_that_cannot_be_set_is_refused(api, field):
    answer = post(api, CUSTOMERS, {"given_name": "Dana", field: 2})

    assert answer.status_code == 400
    assert field in answer.json()["fields"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[1,2",
        b'{"a":1,"a":2}',
        b'{"given_name":NaN}',
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b'{"given_name":"x",}',
        b"// hello",
    ],
)
def test_what_is_no_json_is_a_clear_400(api, body):
    answer = api.post(CUSTOMERS, body, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


def test_an_endless_body_is_413(api):
    body = b'{"given_name": "' + b"a" * (1024 * 1024) + b'"}'

    assert api.post(CUSTOMERS, body, content_type="application/json").status_code == 413


@pytest.mark.parametrize("name", ["a\x00b", "\ud800", "x" * 121, "a\nb", "\u200b"])
def test_text_that_no_name_can_be_is_a_clear_400(api, name):
    answer = post(api, CUSTOMERS, {"given_name": name})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert Customer.objects.count() == 0


@pytest.mark.parametrize(
    "email", ["a@b", "@x.yz", "a@@b.cd", "u@[127.0.0.1]", "u@localhost", "a b@c.de"]
)
def test_an_address_that_cannot_be_is_refused(api, email):
    answer = post(api, CUSTOMERS, {"given_name": "Dana", "email": email})

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["email"])


def test_an_order_is_recorded_once_and_then_replaced(api, dana):
    first = post(api, "/api/v1/orders/", an_order())
    again = post(api, "/api/v1/orders/", an_order())

    assert (first.status_code, again.status_code) == (201, 200)
    assert Order.objects.get().total == 25


@pytest.mark.parametrize(
    "quantity", [2, 2.5, "NaN", "Infinity", "1e400", "1_000", "٣", "1,5", "0x10", True]
)
def test_a_number_that_is_not_plain_text_is_refused(api, dana, quantity):
    lines = [{"sku": "A", "quantity": quantity, "unit_price": "1"}]

    answer = post(api, "/api/v1/orders/", an_order(lines=lines))

    assert (answer.status_code, answer.json()["fields"].keys()) == (
        400,
        {"lines.0.quantity"},
    )


def test_an_order_without_a_customer_is_refused(api, db):
    answer = post(api, "/api/v1/orders/", an_order(customer_id="nobody"))

    assert (answer.status_code, answer.json()["fields"]) == (
        404,
        {"customer_id": "There is no such customer"},
    )


def test_a_conversation_is_logged_once_per_source(api, dana):
    body = {"customer": dana.pk, "channel": "call", "body": "Hi", "source_key": "pbx:1"}
    first = post(api, "/api/v1/interactions/", body)
    again = post(api, "/api/v1/interactions/", body)

    assert first.json()["id"] == again.json()["id"]


def test_pages_follow_each_other_without_gap_or_repeat(api):
    for number in range(5):
        customers.create_customer(now=NOW, external_id=f"N{number}")

    seen, after = [], 0
    while after is not None:
        page = api.get(f"{CUSTOMERS}?limit=2&after={after}").json()
        seen += [row["external_id"] for row in page["results"]]
        after = page["next_after"]

    assert seen == [f"N{number}" for number in range(5)]


@pytest.mark.parametrize(
    "query",
    [
        "limit=-1",
        "after=x",
        "limit=1&limit=2",
        "ordering=password",
        "limit=1e9",
        "after=" + "9" * 30,
        "after=%00",
    ],
)
def test_a_query_without_meaning_is_refused(api, query):
    assert api.get(f"{CUSTOMERS}?{query}").status_code == 400


def test_a_nul_in_a_filter_is_refused(api, dana):
    answer = api.get(f"{CUSTOMERS}?external_id=%00")

    assert answer.status_code == 400


@pytest.mark.parametrize("method", ["put", "delete", "trace"])
def test_a_method_that_is_not_offered_is_refused(api, method):
    assert getattr(api, method)(CUSTOMERS).status_code in (403, 405)


def test_the_schema_names_the_key_for_every_operation(db):
    schema = Client().get("/api/schema/?format=json").json()

    operations = [
        operation for path in schema["paths"].values() for operation in path.values()
    ]
    assert len(operations) == 52
    assert all({"bearer": []} in operation["security"] for operation in operations)
