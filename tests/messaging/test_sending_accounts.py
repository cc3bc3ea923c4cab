"""Accounts of their own: mail leaves by each one's server, and the trouble of one stops
no other."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from messaging.errors import SendingRefused
from messaging.models import Circuit, Message, SendingAccount
from messaging.selectors import circuits
from messaging.services import circuit, leases, sending_accounts
from messaging.services.direct import post
from tests.factories import CustomerFactory, MessageFactory
from tests.messaging.delivering import NOW, plan, row, run
from tests.messaging.small_kind import registered
from tests.messaging.test_letters import LetterForTests
from tests.smtp_sink import running_sink
from web.errors import InvalidValue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_kind")]
PASSWORD = "right-horse"


@pytest.fixture
def own_server(tmp_path_factory):
    with running_sink(tmp_path_factory.mktemp("own")) as server:
        server.user, server.password = "help", PASSWORD
        yield server


@pytest.fixture
def letter():
    with registered(LetterForTests()):
        yield


def account(port, password=PASSWORD, name="Help", **more):
    values = {
        **{"name": name, "host": "127.0.0.1", "port": port},
        **{"security": "none", "user": "help", **more},
    }
    return sending_accounts.keep(
        None, values=values, password=password, grant=None, now=NOW
    )


def write(number, by=None):
    to = f"c{number}@example.org"
    return post(kind="letter", to=to, occurrence=str(number), now=NOW, account=by)


def test_mail_of_an_account_leaves_by_its_server_and_all_other_by_the_shops(
    sink, own_server, letter
):
    own = account(own_server.port)
    write(1, own)
    write(2)
    plan("c3@example.org")

    run()

    assert own_server.recipients == ["c1@example.org"]
    assert own_server.seen["auth"] == 1
    assert sorted(sink.recipients) == ["c2@example.org", "c3@example.org"]
    assert not Circuit.objects.exclude(state="closed").exists()


def test_the_failure_of_one_stops_no_other_and_is_named(sink, own_server, letter):
    """One account is away, one is refused, one works, as does the shop's server."""
    away, refused = account(1, name="Away"), account(own_server.port, "wrong", "Wrong")
    works = account(own_server.port)
    mails = [write(1, away), write(2, refused), write(3, works), write(4)]

    run()

    assert [row(mail).state for mail in mails] == ["planned", "planned", "sent", "sent"]
    rows = circuits.stopped(circuits.open_circuits(), sees_customers=True, now=NOW)
    assert [one.why.partition(" ")[0] for one in rows] == [
        "\u2068Away\u2069:",
        "\u2068Wrong\u2069:",
    ]
    assert [one.is_due for one in rows] == [True, True]
    assert circuits.headline([one.circuit for one in rows]) == (
        "Mail of Away, Wrong is not leaving"
    )
    assert [row(mail).attempts for mail in mails[:2]] == [0, 0]


def test_a_failure_of_the_shops_own_stops_no_account_of_its_own(
    sink, own_server, letter, settings
):
    settings.EMAIL_PORT = 1
    own, shops = write(1, account(own_server.port)), write(2)

    run()

    assert (row(own).state, row(shops).state) == ("sent", "planned")
    stopped = circuits.open_circuits()
    assert circuits.headline(stopped) == "Mail is not leaving"
    assert stopped[0].account is None


def test_an_account_that_works_again_is_tried_and_mended_alone(
    sink, own_server, letter
):
    own, other = account(1), account(1, name="Other")
    waiting = write(1, own)
    write(2, other)
    run()
    SendingAccount.objects.filter(pk=own.pk).update(port=own_server.port)
    circuit.try_all_now(now=NOW)

    run()

    assert row(waiting).state == "sent"
    assert [one.account for one in circuits.open_circuits()] == [other]


def test_a_lost_task_is_noticed_for_an_account_too(sink, own_server, letter):
    own = account(own_server.port)
    write(1, own)
    later = NOW + timedelta(minutes=1)

    assert leases.sweep_leases(now=later).rang
    circuit.trip(
        sending_accounts.transport_of(own),
        circuit.Failure("unreachable"),
        now=NOW,
        account_id=own.pk,
    )
    assert not leases.sweep_leases(now=later).rang


def test_what_waits_leaves_by_the_shops_server_once_an_account_is_gone(
    sink, own_server, letter
):
    own = account(1)
    waiting = write(1, own)
    run()

    sending_accounts.remove(own, now=NOW)
    run()

    assert row(waiting).state == "sent"
    assert sink.recipients == ["c1@example.org"]
    assert not circuits.open_circuits()


def test_where_all_mail_is_kept_an_account_sends_nothing_either(
    settings, own_server, letter
):
    settings.MAIL_TRANSPORT, settings.MAIL_IS_KEPT = "outbox", True
    mail = write(1, account(own_server.port))

    run()

    assert (row(mail).state, row(mail).transport) == ("sent", "outbox")
    assert own_server.recipients == []


def test_only_mail_to_bare_addresses_has_an_account(own_server):
    own = account(own_server.port)

    with pytest.raises(IntegrityError, match="message_account_of_letters"):
        MessageFactory(customer=CustomerFactory(), account=own)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"host": "localhost"}, "password"),
        ({"user": "other"}, "password"),
        ({"host": "smtp.example.org"}, "security"),
        ({"host": "no host"}, "host"),
    ],
)
def test_a_password_goes_to_no_other_server_or_in_the_clear(own_server, change, wrong):
    own = account(own_server.port)
    values = {name: getattr(own, name) for name in sending_accounts.FIELDS}

    with pytest.raises(InvalidValue) as error:
        sending_accounts.keep(
            own, values={**values, **change}, password="", grant=None, now=NOW
        )

    assert list(error.value.fields) == [wrong]


def test_a_try_signs_in_and_sends_nothing(own_server):
    sending_accounts.attempt(account(own_server.port), now=NOW)
    with pytest.raises(SendingRefused) as error:
        sending_accounts.attempt(account(own_server.port, "wrong"), now=NOW)

    assert error.value.code == "login_refused"
    assert own_server.accepted == []
    assert not Message.objects.exists()
