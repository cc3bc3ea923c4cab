"""Links that let a member of staff choose a password."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection, transaction
from django.test import Client

from crm.errors import LinkGone
from crm.models import AuditEntry, Business, StaffSession, User
from crm.services import account_links, passwords
from crm.services.account_links import INVITATION, RESET
from crm.signals import password_reset_requested
from crm.views.account_links import ANSWER_SECONDS
from messaging.models import Message
from tests.factories import UserFactory
from tests.pages import read
from tests.waiting import until_somebody_waits

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
OLD, NEW = "the old password", "a new and long one"
NEITHER = "This link no longer works"


@pytest.fixture
def noa(db):
    user = UserFactory(email="noa@shop.example", role="agent")
    user.set_password(OLD)
    user.save()
    return user


class Counted(MD5PasswordHasher):
    """The preferred hasher of one test: real hashes, and how many of them."""

    algorithm = "counted"
    hashes = 0

    def encode(self, password, salt):
        type(self).hashes += 1
        return super().encode(password, salt)


@pytest.fixture
def asked():
    """Whom a reset was asked for, in the order of asking."""
    heard = []

    def hear(user, now, **more):
        heard.append((user, now))

    password_reset_requested.connect(hear)
    yield heard
    password_reset_requested.disconnect(hear)


def path_of(url):
    return urlsplit(url).path


def choose(path, password=NEW, again=None):
    form = {"password": password, "again": password if again is None else again}
    return Client().post(path, form)


def test_a_link_begins_with_the_public_address(noa):
    Business.objects.update(public_url="https://shop.example")

    assert account_links.reset_url(noa).startswith(
        f"https://shop.example/account/reset/{noa.pk}-"
    )
    assert account_links.invitation_url(noa).startswith(
        f"https://shop.example/account/invitation/{noa.pk}-"
    )


@pytest.mark.parametrize(
    "make", [account_links.reset_url, account_links.invitation_url]
)
def test_whoever_opens_it_chooses_a_password(noa, make):
    path = path_of(make(noa))

    shown, sent = Client().get(path), choose(path)

    assert "noa@shop.example" in shown.content.decode()
    assert (sent.status_code, sent["Location"]) == (303, "/login/")
    noa.refresh_from_db()
    assert noa.check_password(NEW)
    entry = AuditEntry.objects.get(action="user.password_changed")
    assert (entry.actor_kind, entry.actor_id) == ("user", noa.pk)


def test_each_new_password_is_hashed_once_as_the_settings_prefer(noa, settings):
    key = path_of(account_links.reset_url(noa)).split("/")[-2]
    settings.PASSWORD_HASHERS = [f"{__name__}.Counted", *settings.PASSWORD_HASHERS]
    changes = (
        lambda: passwords.choose_password(key, RESET, password=NEW, now=NOW),
        lambda: passwords.set_password(noa, password=NEW, now=NOW),
        lambda: passwords.change_password(noa, password=NEW, session_key=None, now=NOW),
        lambda: passwords.give_new_password(noa, now=NOW),
    )
    stored = set()

    for change in changes:
        Counted.hashes = 0
        change()
        noa.refresh_from_db()
        assert Counted.hashes == 1
        assert noa.password.startswith("counted$")
        assert NEW not in noa.password
        stored.add(noa.password)

    # Each with a salt of its own, also where the password is the same.
    assert len(stored) == len(changes)


def test_it_works_once(noa):
    path = path_of(account_links.reset_url(noa))
    choose(path)

    again = choose(path, "another long password")

    assert again.status_code == 404
    assert NEITHER in again.content.decode()
    noa.refresh_from_db()
    assert noa.check_password(NEW)


def test_a_sign_in_ends_it(noa):
    path = path_of(account_links.reset_url(noa))
    Client().force_login(noa)

    assert NEITHER in Client().get(path).content.decode()


def test_whoever_is_signed_in_with_the_old_one_is_out(noa):
    thief = Client()
    thief.force_login(noa)
    noa.refresh_from_db()

    choose(path_of(account_links.reset_url(noa)))

    assert thief.get("/")["Location"].startswith("/login/")


@pytest.mark.parametrize(
    ("make", "life"),
    [
        (account_links.reset_url, timedelta(hours=1)),
        (account_links.invitation_url, timedelta(days=7)),
    ],
)
def test_it_lives_as_long_as_it_states_and_no_longer(noa, make, life):
    with time_machine.travel(NOW, tick=False):
        path = path_of(make(noa))
    with time_machine.travel(NOW + life, tick=False):
        assert "Choose a password" in Client().get(path).content.decode()
    with time_machine.travel(NOW + life + timedelta(seconds=1), tick=False):
        assert NEITHER in Client().get(path).content.decode()
        assert choose(path).status_code == 404


def test_one_purpose_does_not_serve_the_other(noa):
    key = account_links.reset_url(noa).rstrip("/").rpartition("/")[2]

    read(Client().get(f"/account/reset/{key}/"), "password")
    assert Client().get(f"/account/invitation/{key}/").status_code == 404


def test_a_link_is_of_one_person(noa):
    other = UserFactory()
    token = RESET.make_token(noa)

    assert account_links.user_behind(f"{noa.pk}-{token}", RESET) == noa
    assert account_links.user_behind(f"{other.pk}-{token}", RESET) is None


@pytest.mark.parametrize("key", ["", "-", "x-y", "1", "٣-abc-def", "9" * 30 + "-a-b"])
def test_what_is_no_key_opens_nothing(db, key):
    assert account_links.user_behind(key, INVITATION) is None


def test_it_opens_nothing_for_somebody_deactivated(noa):
    path = path_of(account_links.reset_url(noa))
    User.objects.update(is_active=False)

    assert NEITHER in Client().get(path).content.decode()
    assert choose(path).status_code == 404


def test_an_earlier_secret_key_opens_no_account(noa, settings):
    path = path_of(account_links.reset_url(noa))
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "k" * 60

    assert NEITHER in Client().get(path).content.decode()


@pytest.mark.parametrize(
    ("password", "again", "text"),
    [
        ("short", "short", "too short"),
        ("password12345", "password12345", "too common"),
        (NEW, NEW + "x", "Type the same password in both fields"),
    ],
)
def test_what_cannot_be_a_password_is_refused(noa, password, again, text):
    path = path_of(account_links.reset_url(noa))

    answer = choose(path, password, again)

    assert answer.status_code == 422
    assert text in answer.content.decode()
    noa.refresh_from_db()
    assert noa.check_password(OLD)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_send_it_at_once_one_is_too_late(noa):
    key = account_links.reset_url(noa).rstrip("/").rpartition("/")[2]

    def send_too():
        try:
            passwords.choose_password(key, RESET, password=OLD, now=NOW)
        except LinkGone:
            return "too late"
        finally:
            connection.close()
        return "chosen"

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            passwords.choose_password(key, RESET, password=NEW, now=NOW)
            answer = other.submit(send_too)
            until_somebody_waits()
        assert answer.result() == "too late"
    assert User.objects.get(pk=noa.pk).check_password(NEW)


def test_whoever_is_signed_in_is_so_no_more(noa):
    client = Client()
    client.post("/login/", {"username": noa.email, "password": OLD})
    assert StaffSession.objects.filter(user=noa).exists()
    noa.refresh_from_db()

    choose(path_of(account_links.reset_url(noa)))

    assert not StaffSession.objects.filter(user=noa).exists()


def test_looking_at_it_changes_nothing(noa):
    path = path_of(account_links.reset_url(noa))
    for _ in range(20):
        read(Client().get(path), "password")

    assert choose(path).status_code == 303


# --- Asked for -----------------------------------------------------------------------


def test_who_forgot_it_asks_for_a_link(noa, asked):
    answer = Client().post("/account/forgotten/", {"email": " Noa@SHOP.example "})

    assert "Look into your mail" in answer.content.decode()
    assert [user for user, _ in asked] == [noa]
    entry = AuditEntry.objects.get(action="user.password_reset_requested")
    assert entry.subject == f"user:{noa.pk}"


def test_the_page_is_the_same_for_an_address_that_is_unknown(noa, asked):
    User.objects.create_user("gone@shop.example", OLD, name="Gone", is_active=False)

    pages = {
        Client()
        .post("/account/forgotten/", {"email": email})
        .content.decode()
        .replace(email, "X")
        for email in ("noa@shop.example", "nobody@shop.example", "gone@shop.example")
    }

    assert len(pages) == 1
    assert "Look into your mail" in pages.pop()
    assert [user for user, _ in asked] == [noa]


@pytest.mark.parametrize("email", ["noa@shop.example", "nobody@shop.example"])
def test_the_answer_takes_as_long_for_an_address_that_nobody_has(noa, asked, email):
    """A link takes some milliseconds to be planned, which could be measured."""
    read(Client().get("/account/forgotten/"), "</form>")
    started = time.monotonic()
    read(Client().post("/account/forgotten/", {"email": email}), "Look into your mail")

    assert time.monotonic() - started >= ANSWER_SECONDS


def test_what_is_done_for_a_known_address_fits_into_that_time(noa):
    """Once of many times: the machine may be busy with something else."""
    spent = []
    for number in range(1, 30):
        started = time.monotonic()
        passwords.request_reset(noa.email, address=f"192.0.2.{number}", now=NOW)
        spent.append(time.monotonic() - started)
        if min(spent) < ANSWER_SECONDS / 2:
            break

    assert Message.objects.filter(user=noa).exists()
    assert min(spent) < ANSWER_SECONDS / 2


def test_an_account_is_mailed_five_links_an_hour_and_nobody_reads_that(noa, asked):
    for number in range(7):
        email = " NOA@shop.example" if number % 2 else noa.email
        passwords.request_reset(email, address=f"192.0.2.{number}", now=NOW)

    assert len(asked) == 5
    later = NOW + timedelta(hours=2)
    passwords.request_reset(noa.email, address="192.0.2.9", now=later)
    assert len(asked) == 6


@pytest.mark.django_db
def test_a_visitor_asks_for_ten_links_an_hour():
    with time_machine.travel(NOW, tick=False):
        for number in range(10):
            email = f"nobody{number}@shop.example"
            passwords.request_reset(email, address="127.0.0.1", now=NOW)
        stopped = Client().post("/account/forgotten/", {"email": "x@shop.example"})

    assert stopped.status_code == 429
    assert 0 < int(stopped["Retry-After"]) <= 3_600


def test_it_shows_where_nothing_can_be_mailed(db, settings):
    settings.MAIL_TRANSPORT = "outbox"

    page = Client().get("/account/forgotten/").content.decode()

    assert "manage.py reset_password" in page
