"""Sending again, changing what others have changed, and asking for what is not."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from django.db import connection
from django.test import Client

from crm.access import SCOPES
from crm.models import ApiAnswer, AuditEntry, Customer, Interaction
from crm.services import api_tokens, customers, interactions, retention
from tests.config.web import running_web

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
CUSTOMERS = "/api/v1/customers/"
INTERACTIONS = "/api/v1/interactions/"
ORDERS = "/api/v1/orders/"


def client_with(*scopes):
    _, key = api_tokens.issue(name="shop", scopes=scopes or list(SCOPES), now=NOW)
    return Client(
        headers={"Authorization": f"Bearer {key}"}, raise_request_exception=False
    )


@pytest.fixture
def api(db):
    return client_with()


@pytest.fixture
def dana(db):
    return customers.create_customer(now=NOW, external_id="C1", given_name="Dana")


def send(client, path, body, key=None, method="post"):
    headers = {} if key is None else {"Idempotency-Key": key}
    ask = getattr(client, method)
    return ask(path, body, content_type="application/json", headers=headers)


# --- Idempotency-Key -----------------------------------------------------------------


def test_the_same_request_again_is_done_once_and_gets_the_same_answer(api):
    body = {"given_name": "Dana"}

    first, again = (send(api, CUSTOMERS, body, "k-1") for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first["ETag"] == again["ETag"] == '"1"'
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert Customer.objects.count() == 1
    assert AuditEntry.objects.filter(action="customer.created").count() == 1


def test_the_answer_is_that_of_then_whatever_has_changed_since(api, dana):
    path = f"{CUSTOMERS}{dana.pk}/"
    first = send(api, path, {"notes": "a"}, "k", "patch")
    send(api, path, {"notes": "b"}, None, "patch")

    again = send(api, path, {"notes": "a"}, "k", "patch")

    assert again.content == first.content
    dana.refresh_from_db()
    assert (dana.notes, dana.version) == ("b", 3)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (CUSTOMERS, {"given_name": "Dina"}),
        (INTERACTIONS, {"customer": 1, "channel": "note", "body": "x"}),
    ],
)
def test_the_key_with_another_request_is_a_conflict(api, path, body):
    send(api, CUSTOMERS, {"given_name": "Dana"}, "k")

    other = send(api, path, body, "k")

    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert Customer.objects.count() == 1
    assert not Interaction.objects.exists()


def test_another_condition_makes_another_request(api, dana):
    path, body = f"{CUSTOMERS}{dana.pk}/", {"notes": "a"}
    send(api, path, body, "k", "patch")

    again = api.patch(
        path,
        body,
        content_type="application/json",
        headers={"Idempotency-Key": "k", "If-Match": '"9"'},
    )

    assert (again.status_code, again.json()["code"]) == (409, "idempotency_key_reused")


def test_blanks_and_the_order_of_names_make_no_other_request(api):
    send(api, CUSTOMERS, '{"given_name": "Dana", "notes": "x"}', "k")

    again = send(api, CUSTOMERS, '{"notes":"x","given_name":"Dana"}', "k")

    assert again["Idempotency-Replayed"] == "true"


def test_another_client_has_keys_of_its_own(api):
    other = client_with()

    ids = {
        send(one, CUSTOMERS, {"given_name": "Dana"}, "k").json()["id"]
        for one in (api, other)
    }

    assert len(ids) == 2


def test_a_refused_request_may_be_mended_under_the_same_key(api):
    wrong = send(api, CUSTOMERS, {"given_name": "Dana", "email": "x"}, "k")
    right = send(api, CUSTOMERS, {"given_name": "Dana", "email": "x@y.org"}, "k")

    assert (wrong.status_code, right.status_code) == (400, 201)
    assert ApiAnswer.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x" * 201, "a b", "é", "a\x7f"])
def test_a_key_that_cannot_be_is_refused(api, key):
    answer = send(api, CUSTOMERS, {"given_name": "Dana"}, key)

    assert (answer.status_code, list(answer.json()["fields"])) == (
        400,
        ["Idempotency-Key"],
    )
    assert not Customer.objects.exists()


def test_a_key_that_was_ended_gets_no_answer_of_before(api):
    send(api, CUSTOMERS, {"given_name": "Dana"}, "k")
    api_tokens.revoke(ApiAnswer.objects.get().token, now=NOW)

    again = send(api, CUSTOMERS, {"given_name": "Dana"}, "k")

    assert again.status_code == 401
    assert "Dana" not in again.content.decode()


def test_answers_are_kept_for_a_day_and_then_forgotten(api):
    send(api, CUSTOMERS, {"given_name": "Dana"}, "k")
    made = ApiAnswer.objects.get().created_at

    retention.purge(now=made + timedelta(hours=24))
    assert ApiAnswer.objects.exists()
    retention.purge(now=made + timedelta(hours=24, seconds=1))
    assert not ApiAnswer.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_are_one_customer_and_one_answer(tmp_path):
    _, key = api_tokens.issue(name="shop", scopes=list(SCOPES), now=NOW)
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/json",
        "Idempotency-Key": "k",
    }
    body = json.dumps({"given_name": "Dana"})

    with running_web(tmp_path, WEB_WORKERS="2") as web:

        def ask(_):
            return web.ask("POST", CUSTOMERS, headers, body)

        with ThreadPoolExecutor(20) as together:
            answers = list(together.map(ask, range(20)))

    assert {answer.status for answer in answers} == {201}
    assert len({answer.body for answer in answers}) == 1
    assert Customer.objects.count() == 1
    connection.close()


# --- source_key ----------------------------------------------------------------------

SAID = {"channel": "call", "body": "Hi", "source_key": "pbx:1"}


@pytest.mark.parametrize(
    "other",
    [
        {"body": "Bye"},
        {"channel": "note"},
        {"subject": "Grinder"},
        {"outcome": "Sold"},
        {"direction": "inbound"},
        {"happened_at": "2020-01-01T00:00:00Z"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_the_same_source_key_with_other_words_is_a_conflict(api, dana, other):
    send(api, INTERACTIONS, {"customer": dana.pk, **SAID})

    answer = send(api, INTERACTIONS, {"customer": dana.pk, **SAID, **other})

    assert (answer.status_code, answer.json()["code"]) == (409, "source_key_taken")
    assert Interaction.objects.get().body == "Hi"


def test_a_source_key_of_another_customer_is_a_conflict(api, dana):
    other = customers.create_customer(now=NOW, given_name="Dina")
    send(api, INTERACTIONS, {"customer": dana.pk, **SAID})

    answer = send(api, INTERACTIONS, {"customer": other.pk, **SAID})

    assert answer.status_code == 409


def test_what_staff_corrected_since_is_still_the_same_conversation(api, dana):
    first = send(api, INTERACTIONS, {"customer": dana.pk, **SAID})
    interactions.edit_interaction(
        Interaction.objects.get(), version=1, body="Hello", now=NOW
    )

    again = send(api, INTERACTIONS, {"customer": dana.pk, **SAID})

    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
    assert again.json()["body"] == "Hello"


# --- If-Match ------------------------------------------------------------------------


def change(client, customer, tag, **body):
    return client.patch(
        f"{CUSTOMERS}{customer.pk}/",
        {"notes": "mine", **body},
        content_type="application/json",
        headers={"If-Match": tag},
    )


def test_what_was_read_may_be_changed_and_returns_its_next_tag(api, dana):
    seen = api.get(f"{CUSTOMERS}{dana.pk}/")["ETag"]

    changed = change(api, dana, seen)

    assert (changed.status_code, seen, changed["ETag"]) == (200, '"1"', '"2"')


@pytest.mark.parametrize("tag", ['"1"', 'W/"2"', '"x"', '"1", "3"', '""'])
def test_what_somebody_else_changed_is_not_overwritten(api, dana, tag):
    customers.update_customer(dana, changes={"notes": "theirs"}, now=NOW)

    answer = change(api, dana, tag)

    assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")
    dana.refresh_from_db()
    assert dana.notes == "theirs"


@pytest.mark.parametrize("tag", ['"2"', "*", '"1", "2"', 'W/"1","2"'])
def test_any_of_the_tags_will_do(api, dana, tag):
    customers.update_customer(dana, changes={"notes": "theirs"}, now=NOW)

    assert change(api, dana, tag).status_code == 200


@pytest.mark.parametrize("tag", ["2", "'2'", "", "*, *", '"2'])
def test_what_is_no_tag_is_a_clear_mistake(api, dana, tag):
    answer = change(api, dana, tag)

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["If-Match"])


def test_two_who_read_the_same_do_not_both_win(api, dana):
    """Also where the second has passed the look at If-Match before the first saved."""
    seen = api.get(f"{CUSTOMERS}{dana.pk}/")["ETag"]

    answers = [change(api, dana, seen, notes=str(turn)) for turn in range(2)]

    assert [answer.status_code for answer in answers] == [200, 412]
    dana.refresh_from_db()
    assert dana.notes == "0"


# --- Paths and methods ---------------------------------------------------------------

METHODS = ["get", "head", "post", "put", "patch", "delete", "options", "trace"]


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/customers",
        "/api/v1/customers/1",
        "/api/v1/customers/x/",
        "/api/v1/customers/%0A/",
        "/api/v1/customers/%0A",
        "/api/v1//customers/",
        "/api/v2/customers/",
        "/api/schema",
    ],
)
def test_a_path_that_is_none_is_404_in_json_and_leads_nowhere(api, path):
    for client, method in product((api, Client()), METHODS):
        answer = getattr(client, method)(path)

        assert answer.status_code == 404, method
        assert answer["Content-Type"] == "application/json", method
        if method != "head":
            assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        (CUSTOMERS, "put", "GET, HEAD, POST"),
        (CUSTOMERS, "delete", "GET, HEAD, POST"),
        (CUSTOMERS, "options", "GET, HEAD, POST"),
        (ORDERS, "get", "POST"),
        ("/api/v1/messages/", "post", "GET, HEAD"),
        ("/api/v1/customers/1/", "post", "GET, HEAD, PATCH"),
    ],
)
def test_an_unknown_method_is_405_and_lists_the_allowed(api, path, method, allowed):
    answer = getattr(api, method)(path)

    assert (answer.status_code, answer["Allow"]) == (405, allowed)
    assert answer.json()["code"] == "method_not_allowed"


def test_an_error_of_the_schema_is_json_too(db):
    answer = Client().delete("/api/schema/")

    assert answer.status_code == 405
    assert answer["Content-Type"] == "application/json"


def test_a_stranger_learns_nothing_of_methods(db):
    assert Client().delete(CUSTOMERS).status_code == 401


def test_lists_are_declared_as_they_are_sent(api, dana):
    schema = api.get("/api/schema/?format=json").json()
    page = schema["components"]["schemas"]["CustomerOutPage"]

    sent = api.get(CUSTOMERS).json()

    assert set(sent) == set(page["properties"]) == {"results", "next_after"}
    assert page["properties"]["results"]["type"] == "array"


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "after=9223372036854775808"])
def test_a_number_out_of_bounds_is_refused_and_not_bent(api, query):
    assert api.get(f"{CUSTOMERS}?{query}").status_code == 400


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (ORDERS, {"customer_id": 5}),
        (ORDERS, {"source": 5}),
        (INTERACTIONS, {"customer": "5"}),
        (INTERACTIONS, {"customer": True}),
        (INTERACTIONS, {"subject": "x" * 200 + " "}),
    ],
)
def test_a_value_of_another_type_is_refused_and_not_bent(api, path, body):
    answer = send(api, path, body)

    assert answer.status_code == 400
    assert next(iter(body)) in answer.json()["fields"]
