"""The second step: set up, asked for, required, lost."""

import re
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from crm.errors import WrongCode
from crm.models import AuditEntry, RecoveryCode, User
from crm.rules import totp
from crm.services import second_factor
from tests.crm.test_sign_in_limits import at_once
from tests.factories import UserFactory
from tests.pages import read

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
PASSWORD = "a-long-enough-password"
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
SET_UP = "/settings/security/second-step/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as travelling:
        yield travelling


def person(**fields):
    user = UserFactory(**{"email": "noa@shop.example", "role": "owner", **fields})
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def noa(db):
    return person()


@pytest.fixture
def codes(noa):
    """Noa's second step is on; her recovery codes. The code of NOW is used up."""
    found = second_factor.switch_on(
        noa, secret=SECRET, code=code_at(NOW), session_key=None, now=NOW
    )
    noa.refresh_from_db()
    return found


def code_at(moment):
    return totp.code_at(SECRET, totp.step_at(moment))


def password_given(email="noa@shop.example", **more):
    client = Client()
    answer = client.post("/login/", {"username": email, "password": PASSWORD, **more})
    return client, answer


def signed_in(client):
    return client.get("/settings/security/").status_code == 200


def actions():
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


# --- Set up --------------------------------------------------------------------------


def set_up(client, current=PASSWORD, **more):
    page = client.get(SET_UP).content.decode()
    secret = re.search(r"secret=([A-Z2-7]{32})&", page).group(1)
    code = totp.code_at(secret, totp.step_at(datetime.now(UTC)))
    return client.post(SET_UP, {"current": current, "code": code, **more})


def test_it_is_set_up_with_a_square_a_password_and_a_code(noa):
    client = Client()
    client.force_login(noa)

    page = client.get(SET_UP).content.decode()
    answer = set_up(client)

    assert '<svg class="p-square"' in page
    code = r"<code>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</code>"
    shown = re.findall(code, answer.content.decode())
    assert len(set(shown)) == 10
    noa.refresh_from_db()
    assert noa.has_second_factor
    assert signed_in(client)
    assert "second_factor.switched_on" in actions()
    assert shown[0] not in read(client.get("/settings/security/"))


def test_the_page_keeps_its_secret_while_somebody_types(noa):
    client = Client()
    client.force_login(noa)

    first, second = client.get(SET_UP).content, client.post(SET_UP, {}).content

    find = re.compile(rb"secret=([A-Z2-7]{32})&")
    assert find.search(first).group(1) == find.search(second).group(1)


def test_without_the_password_or_a_right_code_nothing_is_switched_on(noa):
    client = Client()
    client.force_login(noa)

    stolen = set_up(client, current="wrong")
    mistyped = set_up(client, code="000000")

    assert (stolen.status_code, mistyped.status_code) == (422, 422)
    noa.refresh_from_db()
    assert not noa.has_second_factor


def test_other_sessions_end_when_it_is_switched_on(noa):
    other, client = Client(), Client()
    other.force_login(noa)
    client.force_login(noa)

    set_up(client)

    assert not signed_in(other)
    assert signed_in(client)


def test_recovery_codes_are_kept_as_hashes(codes):
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM crm_recoverycode t")
        (stored,) = cursor.fetchone()

    assert RecoveryCode.objects.count() == 10
    for code in codes:
        assert code not in stored
        assert code.replace("-", "") not in stored


# --- Asked for -----------------------------------------------------------------------


def test_a_password_alone_opens_nothing(codes):
    client, answer = password_given()

    assert answer["Location"] == "/login/code/"
    assert not signed_in(client)
    for url in ("/admin/", "/admin/crm/user/", "/customers/"):
        assert client.get(url)["Location"].split("?")[0] in ("/login/", "/admin/login/")


def test_the_code_of_the_app_opens_the_desk(codes, clock):
    client, _ = password_given(next="/admin/")
    later = NOW + timedelta(minutes=1)
    clock.move_to(later)

    page = client.get("/login/code/").content.decode()
    answer = client.post("/login/code/", {"code": f" {code_at(later)} "})

    assert "Second step" in page
    assert answer["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200
    entry = AuditEntry.objects.get(action="user.signed_in")
    assert entry.fields == ["second_factor"]


def test_a_code_that_somebody_looked_over_a_shoulder_is_used_up(codes, clock):
    later = NOW + timedelta(minutes=1)
    clock.move_to(later)
    one, _ = password_given()
    two, _ = password_given()

    one.post("/login/code/", {"code": code_at(later)})
    replayed = two.post("/login/code/", {"code": code_at(later)})

    assert signed_in(one)
    assert "Enter the code that the app shows now" in replayed.content.decode()
    assert not signed_in(two)
    assert "second_factor.refused" in actions()


def test_a_recovery_code_works_once(codes, noa):
    one, _ = password_given()
    two, _ = password_given()

    one.post("/login/code/", {"code": codes[0].upper()})
    two.post("/login/code/", {"code": codes[0]})

    assert signed_in(one)
    assert not signed_in(two)
    assert second_factor.codes_left(noa) == 9
    assert "second_factor.recovery_code_used" in actions()


def test_codes_cannot_be_guessed(codes, clock):
    client, _ = password_given()
    read(client.get("/login/code/"), "code")

    seen = [
        client.post("/login/code/", {"code": f"{number:06}"}).status_code
        for number in range(12)
    ]
    stopped = client.post("/login/code/", {"code": codes[0]})

    assert seen == [200] * 10 + [429] * 2
    assert int(stopped["Retry-After"]) <= 900
    assert not signed_in(client)


def test_the_second_step_waits_ten_minutes_and_no_longer(codes, clock):
    client, _ = password_given()
    clock.move_to(NOW + timedelta(minutes=10, seconds=1))

    assert client.get("/login/code/")["Location"] == "/login/"
    assert client.post("/login/code/", {"code": codes[0]})["Location"] == "/login/"


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "!"}])
def test_what_changes_in_between_begins_anew(codes, change):
    client, _ = password_given()
    User.objects.update(**change)

    assert client.post("/login/code/", {"code": codes[0]})["Location"] == "/login/"


def test_no_one_begins_with_the_second_step(codes):
    assert Client().get("/login/code/")["Location"] == "/login/"
    assert Client().post("/login/code/", {"code": codes[0]})["Location"] == "/login/"


@pytest.mark.django_db(transaction=True)
def test_of_many_who_send_one_code_at_once_one_gets_in(db):
    noa = person()
    (first, *_) = second_factor.switch_on(
        noa, secret=SECRET, code=code_at(NOW), session_key=None, now=NOW
    )
    later = NOW + timedelta(minutes=1)

    def use(code):
        def once(number):
            try:
                second_factor.check_code(noa, code, now=later)
            except WrongCode:
                return False
            return True

        return once

    assert at_once(use(code_at(later)), 8).count(True) == 1
    assert at_once(use(first), 2).count(True) == 1


# --- Given up, lost ------------------------------------------------------------------


@pytest.fixture
def own(codes, noa):
    client = Client()
    client.force_login(noa)
    return client


def test_it_is_switched_off_with_the_password(own, noa):
    refused = own.post(f"{SET_UP}off/", {"current": "wrong"}, follow=True)
    assert "This is not your present password" in refused.content.decode()
    noa.refresh_from_db()
    assert noa.has_second_factor

    own.post(f"{SET_UP}off/", {"current": PASSWORD})

    noa.refresh_from_db()
    assert not noa.has_second_factor
    assert not RecoveryCode.objects.exists()
    assert signed_in(own)
    assert "second_factor.switched_off" in actions()


def test_new_recovery_codes_end_the_old_ones(own, noa, codes):
    answer = own.post(f"{SET_UP}codes/", {"current": PASSWORD})

    assert codes[0] not in answer.content.decode()
    assert second_factor.codes_left(noa) == 10
    with pytest.raises(WrongCode):
        second_factor.check_code(noa, codes[0], now=NOW)


def test_reset_mfa_takes_it_away_and_is_in_the_audit(own, noa):
    assert signed_in(own)
    out = StringIO()
    call_command("reset_mfa", "NOA@shop.example", stdout=out)

    noa.refresh_from_db()
    assert not noa.has_second_factor
    assert not signed_in(own)
    assert "noa@shop.example" in out.getvalue()
    entry = AuditEntry.objects.get(action="second_factor.reset")
    assert (entry.subject, entry.via) == (f"user:{noa.pk}", "command")
    with pytest.raises(CommandError, match="has no second factor"):
        call_command("reset_mfa", "noa@shop.example")


# --- Required ------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["owner", "manager"])
def test_who_must_have_it_is_led_there_before_anything_else(db, settings, role):
    settings.REQUIRE_SECOND_FACTOR = True
    user = person(role=role)
    client = Client()
    client.force_login(user)

    for url in ("/", "/customers/", "/admin/", "/admin/crm/customer/", "/settings/me/"):
        assert client.get(url)["Location"] == SET_UP, url
        assert client.post(url)["Location"] == SET_UP, url
    assert "Set yours up, then you go on" in client.get(SET_UP).content.decode()
    assert set_up(client).status_code == 200
    assert client.get("/admin/").status_code == 200
    assert client.get("/").status_code == 200


def test_who_is_led_there_can_sign_out(noa, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    client = Client()
    client.force_login(noa)

    client.post("/logout/")

    assert client.get(SET_UP)["Location"].startswith("/login/")


def test_an_agent_need_not_have_it(db, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    client = Client()
    client.force_login(person(role="agent"))

    read(client.get("/"), "Today")


def test_who_becomes_a_manager_needs_it_at_the_next_request(db, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    user = person(role="agent")
    client = Client()
    client.force_login(user)
    User.objects.update(role="manager")

    assert client.get("/")["Location"] == SET_UP
