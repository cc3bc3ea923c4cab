"""One's own sign-in: the password, and where one is signed in."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client

from crm.models import AuditEntry, StaffSession
from crm.rules.browsers import browser_of
from tests.factories import UserFactory
from tests.pages import read

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
OLD, NEW = "a-long-enough-password", "another-long-password"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PAGE = "/settings/security/"


@pytest.fixture
def noa(db):
    user = UserFactory(email="noa@shop.example", role="analyst")
    user.set_password(OLD)
    user.save()
    return user


def signed_in(user, **headers):
    client = Client(headers=headers)
    client.post("/login/", {"username": user.email, "password": OLD})
    return client


def is_in(client):
    answer = client.get(PAGE)
    return answer.status_code == 200 and f"{PAGE}password/" in answer.content.decode()


def change(client, current=OLD, password=NEW):
    form = {"current": current, "password": password, "again": password}
    return client.post(f"{PAGE}password/", form)


def test_everybody_changes_their_own_password(noa):
    client, other = signed_in(noa), signed_in(noa)

    answer = change(client)

    assert answer.status_code == 303
    noa.refresh_from_db()
    assert noa.check_password(NEW)
    assert is_in(client)
    assert not is_in(other)
    entry = AuditEntry.objects.get(action="user.password_changed")
    assert (entry.actor_id, entry.fields) == (noa.pk, ["password"])


@pytest.mark.parametrize(
    ("current", "password", "text"),
    [
        ("wrong", NEW, "This is not your present password"),
        (OLD, "short", "too short"),
        (OLD, "", "Fill in"),
    ],
)
def test_what_is_wrong_changes_nothing(noa, current, password, text):
    answer = change(signed_in(noa), current, password)

    assert answer.status_code == 422
    assert text in answer.content.decode()
    noa.refresh_from_db()
    assert noa.check_password(OLD)


def test_a_stolen_session_does_not_guess_the_password(noa):
    thief = signed_in(noa)

    seen = [change(thief, f"wrong-{number}").status_code for number in range(12)]

    assert seen == [422] * 10 + [429] * 2
    assert change(thief).status_code == 429


def test_people_see_where_they_are_signed_in(noa):
    client = signed_in(noa, user_agent=FIREFOX)
    signed_in(noa, user_agent="Mozilla/5.0 (iPhone) Version/17.0 Safari/605.1")
    signed_in(UserFactory())

    page = client.get(PAGE).content.decode()

    assert "Firefox, Linux" in page
    assert "Safari, iPhone" in page
    assert page.count("This one") == 1
    assert "127.0.0.1" in page


def test_a_session_is_ended(noa):
    client, other = signed_in(noa), signed_in(noa)
    row = StaffSession.objects.latest("pk")

    client.post(f"{PAGE}sessions/{row.pk}/end/")

    assert is_in(client)
    assert not is_in(other)
    assert AuditEntry.objects.filter(action="session.ended").count() == 1


def test_no_one_ends_the_session_of_another(noa):
    other = UserFactory(email="omer@shop.example", role="owner")
    other.set_password(OLD)
    other.save()
    theirs = signed_in(other)
    row = StaffSession.objects.get(user=other)

    signed_in(noa).post(f"{PAGE}sessions/{row.pk}/end/")

    assert is_in(theirs)
    assert not AuditEntry.objects.filter(action="session.ended").exists()


def test_all_other_sessions_are_ended_at_once(noa):
    client, *others = [signed_in(noa) for _ in range(4)]

    client.post(f"{PAGE}sessions/end-others/")

    assert is_in(client)
    assert not any(is_in(other) for other in others)


def test_signing_out_takes_the_session_off_the_list(noa):
    client = signed_in(noa)
    client.post("/logout/")

    assert not StaffSession.objects.exists()


def test_when_it_was_seen_is_true_to_five_minutes(noa, django_assert_max_num_queries):
    with time_machine.travel(NOW, tick=False) as clock:
        client = signed_in(noa)
        clock.move_to(NOW + timedelta(minutes=4))
        client.get("/")
        assert StaffSession.objects.get().last_seen_at == NOW
        clock.move_to(NOW + timedelta(minutes=6))
        client.get("/")
        row = StaffSession.objects.get()
        assert (row.started_at, row.last_seen_at) == (NOW, NOW + timedelta(minutes=6))


def test_a_session_that_is_over_is_on_no_list(noa):
    with time_machine.travel(NOW, tick=False) as clock:
        signed_in(noa, user_agent=FIREFOX)
        clock.move_to(NOW + timedelta(hours=13))
        page = read(signed_in(noa).get(PAGE), "This one")

    assert "Firefox" not in page
    assert Session.objects.count() == 2


@pytest.mark.parametrize(
    ("agent", "seen"),
    [
        (FIREFOX, ("Firefox", "Linux")),
        ("(Windows NT 10.0) Chrome/140 Safari/537 Edg/140", ("Edge", "Windows")),
        ("(Linux; Android 15) Chrome/140 Mobile Safari/537", ("Chrome", "Android")),
        ("(iPhone; CPU OS 18 like Mac OS X) Safari/604", ("Safari", "iPhone")),
        ("curl/8.0", ("", "")),
        ("", ("", "")),
    ],
)
def test_browsers_are_distinguished(agent, seen):
    assert browser_of(agent) == seen


def test_the_page_of_settings_leads_here(noa):
    page = signed_in(noa).get("/settings/").content.decode()

    assert re.search(r'href="/settings/security/"', page)
