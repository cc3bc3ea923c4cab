"""Without a mail server nothing is called sent: it was kept here, on every page."""

import json
import re
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from crm.services import api_tokens, heartbeat
from desk.selectors import doctor
from messaging.models import Automation, Message
from messaging.services import automations
from surveys.models import Survey
from tests.factories import CustomerFactory, MessageFactory, UserFactory
from tests.messaging.delivering import plan
from tests.pages import read, shown

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEPT = "Kept here, no mail server"


@pytest.fixture(autouse=True)
def at_noon(settings):
    settings.MAIL_TRANSPORT = "outbox"
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def owner(client, db):
    user = UserFactory(role="owner")
    client.force_login(user)
    return user


@pytest.fixture
def kept(db, plain_kind):
    """One mail delivered as on an installation without a mail server."""
    message = plan("dana@example.org")
    out = StringIO()
    call_command("deliver", "--json", stdout=out)
    assert json.loads(out.getvalue())["kept"] == 1
    assert json.loads(out.getvalue())["sent"] == 0
    return Message.objects.get(pk=message.pk)


def without_a_server(message):
    return {
        "customer": f"/customers/{message.customer_id}/",
        "why": reverse("messaging:message-why", args=[message.pk]),
        "message": reverse("messaging:message", args=[message.pk]),
        "outbox": "/outbox/?tab=sent",
    }


@pytest.mark.parametrize("page", ["customer", "why", "message", "outbox"])
def test_every_page_of_a_kept_mail_reports_it(client, owner, kept, page):
    text = shown(client, without_a_server(kept)[page])

    assert KEPT in text
    assert not re.search(r"\bSent\b", text)


def test_a_mail_that_left_is_called_sent_beside_it(client, owner, kept, settings):
    """What an installation sent before it lost its server, or after it got one."""
    settings.MAIL_TRANSPORT = "smtp"
    left = MessageFactory(
        customer=kept.customer, state="sent", final_at=NOW, transport="smtp"
    )

    text = shown(client, f"/customers/{kept.customer_id}/")

    assert KEPT in text
    assert re.search(r"\bSent\b", text)
    assert re.search(r"\bSent\b", shown(client, f"/outbox/{left.pk}/"))


@pytest.mark.parametrize(("state", "is_there"), [("kept", True), ("sent", False)])
def test_the_admin_lists_it_under_a_state_of_its_own(
    client, owner, kept, state, is_there
):
    page = client.get(f"/admin/messaging/message/?state={state}")

    html = read(page, "</h1>")
    (row,) = re.findall(r'field-stands">([^<]+)<', html) or [""]
    assert row == (KEPT if is_there else "")


@pytest.mark.parametrize("page", ["planned", "sent", "automations", "automation",
                                  "surveys", "survey"])  # fmt: skip
def test_pages_about_mail_begin_with_it(client, owner, page):
    automations.ensure_automations()
    url = {
        "planned": "/outbox/",
        "sent": "/outbox/?tab=sent",
        "automations": "/automations/",
        "automation": f"/automations/{Automation.objects.get(kind='anniversary').pk}/",
        "surveys": "/surveys/",
        "survey": f"/surveys/{Survey.objects.first().pk}/",
    }[page]

    assert "No mail server is set up: mails are written and kept here" in shown(
        client, url
    )


def test_an_empty_tab_does_not_promise_sending(client, owner):
    text = shown(client, "/outbox/?tab=sent")

    assert "No mail was written yet" in text
    assert not re.search(r"\b[Ss]ent\b", text)


def test_with_a_server_none_of_it_is_reported(client, owner, settings):
    settings.MAIL_TRANSPORT = "smtp"
    heartbeat.beat("worker", now=NOW)
    heartbeat.beat("beat", now=NOW)

    for url in ("/outbox/?tab=sent", "/automations/", "/surveys/", "/"):
        text = shown(client, url)
        assert "mail server" not in text
        assert "kept here" not in text
    assert "Mail, jobs and clock are working" in shown(client, "/")


def test_today_and_settings_do_not_say_that_mail_works(client, owner):
    heartbeat.beat("worker", now=NOW)
    heartbeat.beat("beat", now=NOW)
    plan("dana@example.org", not_before=NOW + timedelta(hours=1))

    today = shown(client, "/")

    assert "Mail is kept here, no mail server. Jobs and clock are working." in today
    assert "Kept here today, no mail server" in today
    assert "Going out today" not in today
    assert KEPT in shown(client, "/settings/")


@pytest.mark.slow
def test_the_doctor_shows_it(db):
    found = {
        one.part: one.text for one in doctor.examine(now=NOW, ask_worker=lambda: None)
    }

    assert found["mail"].startswith("kept here, no mail server")


def test_the_api_calls_it_kept(client, kept, api_key):
    left = MessageFactory(
        customer=CustomerFactory(), state="sent", final_at=NOW, transport="smtp"
    )

    def states(query=""):
        answer = client.get(f"/api/v1/messages/{query}", headers=api_key)
        assert answer.status_code == 200
        return {row["id"]: row["state"] for row in answer.json()["results"]}

    assert states() == {kept.pk: "kept", left.pk: "sent"}
    assert states("?state=kept") == {kept.pk: "kept"}
    assert states("?state=sent") == {left.pk: "sent"}
    one = client.get(f"/api/v1/messages/{kept.pk}/", headers=api_key)
    assert one.json()["state"] == "kept"


@pytest.fixture
def api_key(db):
    _token, key = api_tokens.issue(name="Shop", scopes=["messages:read"], now=NOW)
    return {"Authorization": f"Bearer {key}"}
