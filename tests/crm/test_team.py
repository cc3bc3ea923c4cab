"""Who works here: invited, given a role, deactivated; never without an owner."""

import re
import threading
from datetime import UTC, datetime
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from crm.errors import LastOwner, NotAllowed
from crm.models import AuditEntry, User
from crm.services import account_links, team
from messaging.models import Message
from tests.crm.test_sign_in_limits import at_once
from tests.factories import UserFactory
from tests.pages import read

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
PAGE = "/settings/team/"


@pytest.fixture
def noa(db):
    return UserFactory(email="noa@shop.example", name="Noa", role="owner")


@pytest.fixture
def page(noa):
    client = Client()
    client.force_login(noa)
    return client


def invite(page, **fields):
    form = {"email": "Omer@shop.example", "name": "Omer", "role": "agent", **fields}
    return page.post(PAGE, form)


def invited():
    return User.objects.get(email="omer@shop.example")


# --- Invited -------------------------------------------------------------------------


def test_an_owner_invites_a_colleague_who_chooses_a_password(page, noa):
    answer = invite(page)

    omer = invited()
    assert answer.status_code == 303
    assert (omer.role, omer.is_invited) == ("agent", True)
    assert Message.objects.get(user=omer).kind == "invitation"
    entry = AuditEntry.objects.get(action="user.invited")
    assert (entry.subject, entry.actor_id) == (f"user:{omer.pk}", noa.pk)
    link, chosen = urlsplit(account_links.invitation_url(omer)).path, "a long password"
    own = Client()
    own.post(link, {"password": chosen, "again": chosen})
    own.post("/login/", {"username": "omer@shop.example", "password": chosen})
    read(own.get("/"), "Today")


def test_no_one_signs_in_before_they_chose_one(page):
    invite(page)

    for password in ("", "!", invited().password):
        answer = Client().post(
            "/login/", {"username": "omer@shop.example", "password": password}
        )
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"email": "NOA@shop.example"}, "Somebody here has this address already"),
        ({"email": "no address"}, "Enter an address such as"),
        ({"email": ""}, "Enter something here"),
        ({"name": ""}, "Enter a name"),
        ({"role": "emperor"}, "Choose one of the list"),
    ],
)
def test_what_cannot_be_is_refused_beside_the_field(page, fields, text):
    answer = invite(page, **fields)

    assert answer.status_code == 422
    assert text in answer.content.decode()
    assert User.objects.count() == 1


def test_another_invitation_ends_the_link_before_it(page):
    invite(page)
    old = urlsplit(account_links.invitation_url(invited())).path

    page.post(f"{PAGE}{invited().pk}/invite/")

    assert Client().get(old).status_code == 404
    new = urlsplit(account_links.invitation_url(invited())).path
    read(Client().get(new), "password")
    assert AuditEntry.objects.filter(action="user.invited_again").count() == 1


# --- Roles ---------------------------------------------------------------------------


@pytest.fixture
def omer(db):
    user = UserFactory(email="omer@shop.example", name="Omer", role="manager")
    user.set_password("a long enough password")
    user.save()
    return user


@pytest.fixture
def theirs(omer):
    client = Client()
    client.post(
        "/login/", {"username": omer.email, "password": "a long enough password"}
    )
    assert client.get("/admin/").status_code == 200
    return client


def test_a_role_counts_at_the_next_request(page, noa, omer, theirs):
    page.post(f"{PAGE}{omer.pk}/role/", {"role": "analyst"})

    assert theirs.get("/admin/").status_code == 302
    assert theirs.get("/customers/").status_code == 403
    entry = AuditEntry.objects.get(action="user.role_changed")
    assert (entry.subject, entry.fields) == (f"user:{omer.pk}", ["role"])


def test_the_same_role_again_is_no_change(page, omer):
    page.post(f"{PAGE}{omer.pk}/role/", {"role": "manager"})

    assert not AuditEntry.objects.filter(action="user.role_changed").exists()


def test_whoever_is_deactivated_is_out_and_stays_out(page, omer, theirs):
    page.post(f"{PAGE}{omer.pk}/deactivate/")

    assert theirs.get("/")["Location"].startswith("/login/")
    again = Client().post(
        "/login/", {"username": omer.email, "password": "a long enough password"}
    )
    assert "Capital letters count." in again.content.decode()
    assert AuditEntry.objects.filter(action="user.deactivated").count() == 1


def test_whoever_is_activated_again_signs_in_anew(page, omer, theirs):
    page.post(f"{PAGE}{omer.pk}/deactivate/")
    page.post(f"{PAGE}{omer.pk}/activate/")

    assert theirs.get("/")["Location"].startswith("/login/")
    again = Client().post(
        "/login/", {"username": omer.email, "password": "a long enough password"}
    )
    assert again.status_code == 302


@pytest.mark.parametrize("act", ["role", "deactivate"])
def test_an_owner_does_not_do_it_to_themselves(page, noa, act):
    answer = page.post(f"{PAGE}{noa.pk}/{act}/", {"role": "agent"}, follow=True)

    assert "for another owner to change" in answer.content.decode()
    noa.refresh_from_db()
    assert (noa.role, noa.is_active) == ("owner", True)


@pytest.mark.parametrize(
    "change",
    [
        lambda user: team.change_role(user, role="agent", by=None, now=NOW),
        lambda user: team.deactivate(user, by=None, now=NOW),
    ],
    ids=["role", "deactivate"],
)
def test_the_last_owner_stays(noa, change):
    with pytest.raises(LastOwner):
        change(noa)

    noa.refresh_from_db()
    assert (noa.role, noa.is_active) == ("owner", True)


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_remove_each_other_at_once_leave_one(db):
    pair = [UserFactory(role="owner"), UserFactory(role="owner")]
    start = threading.Barrier(2)

    def remove_the_other(number):
        connection.ensure_connection()
        start.wait()
        try:
            team.deactivate(pair[number - 1], by=pair[number], now=NOW)
        except (LastOwner, NotAllowed):
            return False
        return True

    for _ in range(10):
        User.objects.update(is_active=True)
        assert sorted(at_once(remove_the_other, 2)) == [False, True]
        assert User.objects.filter(role="owner", is_active=True).count() == 1


def test_only_owners_see_the_team(db):
    client = Client()
    client.force_login(UserFactory(role="manager"))

    assert client.get(PAGE).status_code == 403
    assert "/settings/team/" not in read(client.get("/settings/"), "Settings")


def test_the_page_names_everybody_and_their_state(page, omer):
    invite(page, email="lea@shop.example", name="Lea")
    UserFactory(name="Gone", is_active=False)

    shown = page.get(PAGE).content.decode()

    assert all(name in shown for name in ("Noa", "Omer", "Lea", "Gone"))
    assert shown.count("Invited</span>") == 1
    assert shown.count("Deactivated</span>") == 1
    assert 'href="/settings/team/"' in page.get("/settings/").content.decode()


# --- From the command line -----------------------------------------------------------


def output(*args):
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("command", "opens"),
    [
        (("invite", "lea@shop.example", "--role", "manager"), "/account/invitation/"),
        (("reset_password", "omer@shop.example"), "/account/reset/"),
    ],
)
def test_the_link_is_printed_where_no_mail_is_sent(omer, settings, command, opens):
    settings.MAIL_TRANSPORT = "outbox"

    (url,) = re.findall(r"http\S+", output(*command))

    assert urlsplit(url).path.startswith(opens)
    assert "Choose a password" in Client().get(urlsplit(url).path).content.decode()


@pytest.mark.parametrize(
    "command",
    [("invite", "lea@shop.example"), ("reset_password", "omer@shop.example")],
)
def test_it_is_not_printed_where_it_is_mailed(omer, settings, command):
    settings.MAIL_TRANSPORT = "smtp"

    text = output(*command)

    assert "on its way" in text
    assert "http" not in text
    assert Message.objects.filter(user__email=command[1]).count() == 1


def test_invited_twice_from_the_command_line_the_second_link_counts(db, settings):
    settings.MAIL_TRANSPORT = "outbox"
    links = [
        urlsplit(re.findall(r"http\S+", output("invite", "lea@shop.example"))[0]).path
        for _ in range(2)
    ]

    assert Client().get(links[0]).status_code == 404
    read(Client().get(links[1]), "password")


def test_commands_refuse_who_is_not_there(omer):
    with pytest.raises(CommandError, match="no active user"):
        output("reset_password", "nobody@shop.example")
    with pytest.raises(CommandError, match="exists already"):
        output("invite", "omer@shop.example")
