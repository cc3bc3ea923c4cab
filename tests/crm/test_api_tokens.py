"""Keys of the API: made, listed and ended from the command line, with an end."""

import json
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from crm.models import ApiToken, AuditEntry
from crm.services import api_tokens
from tests.factories import UserFactory
from tests.pages import read
from web.errors import InvalidValue

CUSTOMERS = "/api/v1/customers/"
pytestmark = pytest.mark.django_db


def run(*words):
    out, err = StringIO(), StringIO()
    call_command(*words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def make(*words):
    out, _ = run("create_api_token", "shop", "--scope", "customers:read", *words)
    return out.strip()


def status_with(key):
    answer = Client(headers={"Authorization": f"Bearer {key}"}).get(CUSTOMERS)
    return answer.status_code


def test_a_key_with_an_end_works_until_then_and_no_longer():
    key = make("--days", "30")
    end = ApiToken.objects.get().expires_at

    with time_machine.travel(end - timedelta(seconds=1), tick=False):
        assert status_with(key) == 200
    with time_machine.travel(end, tick=False):
        assert status_with(key) == 401


def test_only_the_key_goes_to_standard_output():
    out, err = run("create_api_token", "x", "--scope", "orders:write", "--days", "1")

    assert out.startswith("prl_")
    assert len(out.split()) == 1
    assert "ends: " in err
    assert out.strip() not in err


def test_the_list_shows_what_lives_and_no_key():
    live, ended = make(), make()
    past = make("--days", "1")
    run("revoke_api_token", str(ApiToken.objects.order_by("pk")[1].pk))
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        lines, _ = run("list_api_tokens")
        rows = json.loads(run("list_api_tokens", "--json")[0])

    assert [row["state"] for row in rows] == ["live", "revoked", "expired"]
    assert [line.split()[1] for line in lines.splitlines()] == [
        "live",
        "revoked",
        "expired",
    ]
    for key in (live, ended, past):
        assert key not in lines + json.dumps(rows)


def test_a_key_that_is_ended_is_refused_at_the_next_request():
    key = make()
    assert status_with(key) == 200

    run("revoke_api_token", str(ApiToken.objects.get().pk))

    assert status_with(key) == 401


def test_making_and_ending_are_on_record_by_the_command():
    make()
    pk = ApiToken.objects.get().pk
    for _ in range(2):
        run("revoke_api_token", str(pk))

    entries = AuditEntry.objects.order_by("pk").values_list("action", "subject", "via")
    assert list(entries) == [
        ("api_token.issued", f"api_token:{pk}", "command"),
        ("api_token.revoked", f"api_token:{pk}", "command"),
    ]


@pytest.mark.parametrize("days", ["0", "-1", "4000"])
def test_an_end_that_cannot_be_makes_no_key(days):
    with pytest.raises(CommandError, match="--days"):
        make(f"--days={days}")

    assert not ApiToken.objects.exists()


def test_a_key_that_is_unknown_cannot_be_ended():
    with pytest.raises(CommandError, match="No key has this id"):
        run("revoke_api_token", "1")


def test_no_key_is_made_that_has_ended_already():
    now = timezone.now()

    with pytest.raises(InvalidValue):
        api_tokens.issue(name="x", scopes=["orders:write"], now=now, expires_at=now)
    token, _ = api_tokens.issue(name="x", scopes=["orders:write"], now=now)
    with pytest.raises(IntegrityError, match="api_token_lives"), transaction.atomic():
        ApiToken.objects.filter(pk=token.pk).update(expires_at=now - timedelta(1))


def everything():
    """All rows of all tables, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        text = ""
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT string_agg(t::text, chr(10)) FROM "{table}" t')
            text += cursor.fetchone()[0] or ""
    return text


def test_a_new_key_is_in_the_answer_and_nowhere_else(client):
    client.force_login(UserFactory(role="owner"))
    form = {"name": "shop", "scopes": ["customers:read"]}

    made = client.post("/admin/crm/apitoken/add/", form)

    assert made.status_code == 200
    (key,) = [word for word in made.content.decode().split() if "prl_" in word]
    key = key.removeprefix("<p><code>").removesuffix("</code></p>")
    key = key.removeprefix("<code>").removesuffix("</code>")
    assert key.startswith("prl_")
    assert status_with(key) == 200
    assert made["Cache-Control"] == "no-store" or "no-store" in made["Cache-Control"]
    assert not [name for name, one in made.cookies.items() if "prl_" in one.value]
    assert "messages" not in made.cookies
    assert key not in everything()
    assert client.session.get("_messages") is None
    assert key not in read(client.get("/admin/crm/apitoken/"), "shop")


def test_an_end_in_the_past_is_refused_in_the_admin_with_words(client):
    client.force_login(UserFactory(role="owner"))
    form = {
        "name": "shop",
        "scopes": ["customers:read"],
        "expires_at_0": "2020-01-01",
        "expires_at_1": "00:00",
    }

    answer = client.post("/admin/crm/apitoken/add/", form)

    assert answer.status_code == 200
    assert "expires_at" in answer.context["adminform"].form.errors
    assert not ApiToken.objects.exists()
