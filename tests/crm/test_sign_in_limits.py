"""Guessing ends before a password is compared, and locks out only the guesser."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import hashers
from django.db import connections
from django.test import Client

from crm.errors import WrongSignIn
from crm.models import AttemptCounter, AuditEntry
from crm.rules.network import one_visitor
from crm.services import account_links, attempts, sign_in
from tests.factories import UserFactory
from web.errors import DomainError, SignInIsBusy, TooManyAttempts

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
RIGHT = "a-long-enough-password"
STRANGER = "203.0.113.7"


def person(email="noa@shop.example"):
    user = UserFactory(email=email, role="owner")
    user.set_password(RIGHT)
    user.save()
    return user


@pytest.fixture
def noa(db):
    return person()


@pytest.fixture
def compared(monkeypatch):
    """Every password that is turned into a hash, in any thread."""
    seen = []
    hash_of = hashers.MD5PasswordHasher.encode

    def encode(self, password, salt):
        seen.append(password)
        return hash_of(self, password, salt)

    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", encode)
    return seen


def enter(password, email="noa@shop.example", address=STRANGER, client=None, **more):
    form = {"username": email, "password": password}
    return (client or Client()).post("/login/", form, REMOTE_ADDR=address, **more)


def guess(times, **more):
    return [enter(f"wrong-{number}", **more).status_code for number in range(times)]


# --- Limits --------------------------------------------------------------------------


def test_an_account_is_tried_ten_times_from_one_address(noa, compared):
    assert guess(12) == [200] * 10 + [429, 429]
    assert len(compared) == 10


def test_twenty_five_accounts_from_one_address_are_stopped(db, compared):
    emails = [person(f"staff-{number}@shop.example").email for number in range(25)]
    compared.clear()

    seen = [enter("guess", email=email).status_code for email in emails]

    assert seen == [200] * 20 + [429] * 5
    assert compared == ["guess"] * 20


def test_accounts_that_do_not_exist_are_counted_alike(db, compared):
    seen = [
        enter("guess", email=f"nobody-{number}@shop.example").status_code
        for number in range(22)
    ]

    assert seen == [200] * 20 + [429] * 2


@pytest.mark.slow
def test_many_addresses_cannot_try_one_account_for_ever(noa, compared):
    seen = [
        enter("guess", address=f"198.51.100.{number}").status_code
        for number in range(60)
    ]

    assert seen == [200] * 50 + [429] * 10
    assert len(compared) == 50


def test_a_network_of_ipv6_is_one_address(noa):
    seen = [
        enter("guess", address=f"2001:db8:1:2::{number:x}").status_code
        for number in range(1, 13)
    ]

    assert seen == [200] * 10 + [429] * 2


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_what_one_visitor_is(address, place):
    assert one_visitor(address) == place


def test_it_ends_by_itself_and_shows_when(noa):
    with time_machine.travel(NOW, tick=False):
        guess(10)
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        stopped = enter(RIGHT)
        assert stopped.status_code == 429
        assert stopped["Retry-After"] == "600"
        assert "Try again in 10 minutes." in stopped.content.decode()
    with time_machine.travel(NOW + timedelta(minutes=15), tick=False):
        assert enter(RIGHT).status_code == 302


def test_whoever_is_right_gets_the_try_back(noa):
    for _ in range(15):
        assert enter(RIGHT).status_code == 302

    assert not AttemptCounter.objects.filter(count__gt=0).exists()


# --- Behind proxies ------------------------------------------------------------------


def test_behind_a_proxy_one_stranger_does_not_lock_the_others_out(noa, settings):
    settings.NUM_PROXIES = 1
    proxy = "10.0.0.1"

    guess(12, address=proxy, headers={"X-Forwarded-For": STRANGER})
    others = enter(RIGHT, address=proxy, headers={"X-Forwarded-For": "192.0.2.9"})

    assert others.status_code == 302


def test_a_forged_header_does_not_make_another_visitor(noa, settings):
    settings.NUM_PROXIES = 1

    seen = [
        enter(
            "guess",
            address="10.0.0.1",
            headers={"X-Forwarded-For": f"192.0.2.{number}, {STRANGER}"},
        ).status_code
        for number in range(12)
    ]

    assert seen == [200] * 10 + [429] * 2


def test_without_a_proxy_the_header_is_ignored(noa):
    seen = [
        enter("guess", headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code
        for number in range(12)
    ]

    assert seen == [200] * 10 + [429] * 2


# --- The true owner ------------------------------------------------------------------


@pytest.mark.slow
def test_a_browser_that_is_known_is_not_held_up_by_strangers(noa):
    own = Client()
    enter(RIGHT, client=own, address="192.0.2.9")
    own.post("/logout/")

    guess(12, address="192.0.2.9")
    for number in range(60):
        enter("guess", address=f"198.51.100.{number}")

    assert enter(RIGHT, address="192.0.2.9").status_code == 429
    assert enter(RIGHT, client=own, address="192.0.2.9").status_code == 302


def test_a_known_browser_may_not_guess_without_end_either(noa, compared):
    own = Client()
    enter(RIGHT, client=own)
    compared.clear()

    assert guess(12, client=own) == [200] * 10 + [429] * 2
    assert len(compared) == 10


def test_a_known_browser_is_known_for_its_own_account_alone(noa):
    person("omer@shop.example")
    own = Client()
    enter(RIGHT, client=own, email="omer@shop.example", address="192.0.2.9")

    guess(10)

    assert enter("guess", client=own).status_code == 429


def test_no_one_makes_a_known_browser_themselves(noa, settings):
    own = Client()
    enter(RIGHT, client=own)
    signed = own.cookies["device"].value
    forged = Client()
    forged.cookies["device"] = signed.replace(".", ".x", 1)
    old = Client()
    old.cookies["device"] = signed

    guess(10)

    assert enter("guess", client=forged).status_code == 429
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "k" * 60
    assert enter("guess", client=old).status_code == 429


def test_a_link_by_mail_makes_a_browser_known(noa):
    guess(12)
    own = Client()
    path = account_links.reset_url(noa).partition("8000")[2]
    chosen = "another long password"
    own.post(path, {"password": chosen, "again": chosen})

    assert enter(chosen, client=own).status_code == 302


# --- On record -----------------------------------------------------------------------


def test_sign_ins_and_refusals_are_on_record(noa):
    enter("wrong")
    enter("wrong", email="nobody@shop.example")
    enter(RIGHT)

    seen = AuditEntry.objects.order_by("pk").values_list(
        "action", "subject", "actor_kind", "actor_id", "via"
    )
    assert list(seen) == [
        ("sign_in.refused", f"user:{noa.pk}", "user", None, "web"),
        ("sign_in.refused", "user:unknown", "user", None, "web"),
        ("user.signed_in", f"user:{noa.pk}", "user", noa.pk, "web"),
    ]


@pytest.mark.slow
def test_a_flood_of_tries_is_one_line_of_the_record(noa):
    guess(30)

    entry = AuditEntry.objects.get(action="attempts.stopped")
    assert entry.subject == "limit:account at address"


def test_counters_name_no_one_and_are_forgotten(noa):
    with time_machine.travel(NOW, tick=False):
        guess(1)

    keys = " ".join(AttemptCounter.objects.values_list("key", flat=True))
    assert "noa" not in keys
    assert STRANGER not in keys
    assert attempts.clear(now=NOW + timedelta(hours=23)) == 0
    assert attempts.clear(now=NOW + timedelta(hours=25)) == 3


# --- At once -------------------------------------------------------------------------


def at_once(tries, threads):
    """Status codes of so many calls, made by so many threads."""

    def one(number):
        try:
            return tries(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(threads)))


@pytest.mark.django_db(transaction=True)
def test_of_a_thousand_tries_at_once_no_more_than_the_limit_are_compared(compared):
    person()
    compared.clear()

    def loop(number):
        return [refusal(f"wrong-{number}-{again}") for again in range(125)]

    seen = [error for errors in at_once(loop, 8) for error in errors]

    assert len(seen) == 1000
    assert set(seen) == {WrongSignIn, SignInIsBusy, TooManyAttempts}
    assert seen.count(WrongSignIn) == len(compared) == 10


def refusal(password):
    """How the service refuses this try, without the page around it."""
    with pytest.raises(DomainError) as caught:
        sign_in.sign_in(
            email="noa@shop.example",
            password=password,
            address=STRANGER,
            device="",
            now=NOW,
        )
    return caught.type


@pytest.mark.django_db(transaction=True)
def test_one_password_of_strangers_is_compared_at_a_time(monkeypatch):
    person()
    inside, most, gate = [], [], threading.Event()
    hash_of = hashers.MD5PasswordHasher.encode

    def encode(self, password, salt):
        inside.append(1)
        most.append(len(inside))
        gate.wait(0.05)
        inside.pop()
        return hash_of(self, password, salt)

    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", encode)

    def loop(number):
        answers = [
            enter("guess", address=f"198.51.100.{number}", email=f"{number}@x.example")
            for _ in range(5)
        ]
        return [(answer.status_code, answer.get("Retry-After")) for answer in answers]

    seen = {one for codes in at_once(loop, 8) for one in codes}

    assert max(most) == 1
    assert seen == {(200, None), (429, "2")}
