"""Second addresses and mail: a stop and the contact limit count for the person and for
each address; a mailbox that is no more says nothing of the others."""

import time
from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from crm.models import AuditEntry
from crm.rules.choices import AddressKind
from crm.services import addresses, personal_data
from messaging.errors import ComplaintStands
from messaging.models import Suppression
from messaging.rules.choices import Category, SuppressionReason
from messaging.services import (
    address_stops,
    consent,
    consent_undo,
    links,
    pauses,
    suppression,
)
from messaging.services.delivery.claim import claim
from tests.factories import CustomerFactory, MessageFactory, UserFactory
from tests.messaging.delivering import NOW, plan, row, run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_kind")]
SURVEY = Category.SURVEY
DAY = timedelta(days=1)


@pytest.fixture
def outbox(settings, tmp_path):
    settings.MAIL_TRANSPORT = "outbox"
    settings.JOURNAL_FOLDER = tmp_path


@pytest.fixture
def dana(db):
    """Mail goes home; the address at work is a second one."""
    dana = CustomerFactory(given_name="Dana", email="dana@home.example")
    add(dana, "dana@work.example")
    return dana


@pytest.fixture
def at_work(db):
    """Another record, of which the address at work is the chief one."""
    return CustomerFactory(given_name="D.", email="Dana@work.example")


def add(customer, email):
    return addresses.add(customer, kind=AddressKind.EMAIL, value=email, now=NOW)


def stop(customer, how="one_click", **more):
    return consent.withdraw(customer, categories=[SURVEY], how=how, now=NOW, **more)


def grant(customer, how="preference_page"):
    return consent.grant(customer, categories=[SURVEY], how=how, now=NOW)


def allowed(customer):
    return consent.states([customer.pk])[customer.pk][SURVEY].allowed


def hash_of(email):
    return suppression.address_hash(email)


# --- Stopping ------------------------------------------------------------------------


def test_a_stop_of_the_person_ends_mail_to_each_of_their_addresses(dana, at_work):
    own, other = plan(customer=dana), plan(customer=at_work)
    elsewhere = plan("somebody@example.org")

    stop(dana)

    assert (row(own).state, row(other).state) == ("suppressed", "suppressed")
    assert row(other).reason_data == {"through": dana.pk}
    assert row(elsewhere).state == "planned"
    assert not allowed(at_work)
    assert consent.states([at_work.pk])[at_work.pk][SURVEY].through == dana.pk


def test_a_stop_at_a_second_address_is_one_of_the_person(dana, at_work, outbox):
    waiting = plan(customer=dana)

    stop(at_work)
    later = plan(customer=dana, occurrence="later")
    run()

    assert (row(waiting).state, row(waiting).reason_code) == ("suppressed", "opted_out")
    assert (row(later).state, row(later).reason_code) == ("suppressed", "opted_out")
    assert not allowed(dana)


def test_two_who_share_a_second_address_are_stopped_together(dana):
    ben = CustomerFactory(email="ben@home.example")
    add(ben, "dana@work.example")

    stop(ben)

    assert not allowed(dana)


def test_an_undo_of_the_stop_counts_for_all_and_not_more(dana, at_work):
    noa = UserFactory()
    stop(dana, how="staff", staff=noa)
    consent_undo.undo_by_staff(dana, category=SURVEY, staff=noa, now=NOW)
    assert allowed(at_work)
    assert allowed(dana)

    stop(at_work)
    stop(dana, how="staff", staff=noa)

    assert not consent_undo.undoable_by(dana, staff=noa, now=NOW)
    assert not allowed(at_work)
    assert not allowed(dana)


def test_a_later_yes_of_the_person_counts_for_them_and_not_for_the_other(dana, at_work):
    stop(at_work)
    grant(dana)

    assert allowed(dana)
    assert not allowed(at_work)


def test_a_yes_at_a_second_address_takes_no_stop_back(dana, at_work):
    stop(dana)
    grant(at_work)

    assert allowed(at_work)
    assert not allowed(dana)


def test_an_address_that_was_taken_away_counts_no_more(dana, at_work):
    stop(dana)
    addresses.remove(dana.addresses.get(), now=NOW)

    assert allowed(at_work)
    assert not allowed(dana)


def test_a_pause_holds_all_addresses(dana, at_work, outbox):
    mine, other = plan(customer=dana), plan(customer=at_work)

    pauses.pause(at_work, now=NOW)
    run()

    assert (row(mine).deferred_reason, row(other).deferred_reason) == (
        "on_hold",
        "on_hold",
    )
    pauses.resume(dana, now=NOW)
    assert pauses.standing_pause(at_work, now=NOW) is None


def test_a_pause_of_the_person_holds_mail_to_their_second_address(dana, at_work):
    pauses.pause(dana, now=NOW)

    assert pauses.standing_pause(at_work, now=NOW) is not None


def test_the_stop_page_of_the_person_speaks_for_their_addresses(dana, at_work):
    token = links.stop_token(dana.pk, SURVEY)

    answer = Client().post(f"/u/{token}/")

    assert answer.status_code == 200
    assert not allowed(at_work)


# --- The list of addresses -----------------------------------------------------------


def test_a_dead_second_mailbox_bars_itself_alone(dana, at_work, outbox):
    suppression.suppress(
        hash_of("dana@work.example"), reason=SuppressionReason.BOUNCE, now=NOW
    )
    mine, other = plan(customer=dana), plan(customer=at_work)

    run()

    assert row(mine).state == "sent"
    assert (row(other).state, row(other).reason_code) == ("suppressed", "bounced")


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        (SuppressionReason.COMPLAINT, "complained"),
        (SuppressionReason.WITHDRAWN, "opted_out"),
    ],
)
def test_what_they_said_at_a_second_address_counts(dana, outbox, reason, code):
    suppression.suppress(hash_of("dana@work.example"), reason=reason, now=NOW)
    message = plan(customer=dana)

    run()

    assert (row(message).state, row(message).reason_code) == ("suppressed", code)


def test_their_own_yes_opens_every_address_that_had_opted_out(dana, outbox):
    suppression.suppress(
        hash_of("dana@work.example"),
        reason=SuppressionReason.WITHDRAWN,
        scope=SURVEY,
        now=NOW,
    )
    grant(dana)
    message = plan(customer=dana)

    run()

    assert row(message).state == "sent"


def test_staff_stop_one_address_and_open_it_again(dana, at_work, outbox):
    mine, other = plan(customer=dana), plan(customer=at_work)

    address_stops.stop(dana, email="dana@work.example", now=NOW)

    assert (row(other).state, row(other).reason_code) == (
        "suppressed",
        "blocked_by_staff",
    )
    assert row(mine).state == "planned"
    again = plan(customer=at_work, occurrence="again")
    run()
    assert (row(mine).state, row(again).state) == ("sent", "suppressed")
    assert address_stops.stop(dana, email="dana@work.example", now=NOW) is False
    assert address_stops.allow(dana, email="dana@work.example", now=NOW)
    assert not Suppression.objects.filter(lifted_at=None).exists()
    verbs = AuditEntry.objects.filter(customer_id=dana.pk).values_list("action")
    assert {("customer.address_stopped",), ("customer.address_allowed",)} <= {*verbs}


def test_nobody_opens_an_address_that_complained(dana):
    email = hash_of("dana@home.example")
    suppression.suppress(email, reason=SuppressionReason.COMPLAINT, now=NOW)

    with pytest.raises(ComplaintStands):
        address_stops.allow(dana, email="dana@home.example", now=NOW)


def test_erasure_puts_every_address_on_the_list(dana):
    personal_data.erase(dana, now=NOW)

    on_it = {bytes(row.address_hash) for row in Suppression.objects.all()}
    assert on_it == {hash_of("dana@home.example"), hash_of("dana@work.example")}


# --- The contact limit ---------------------------------------------------------------


def sent(customer, **fields):
    return MessageFactory(
        customer=customer,
        state="sent",
        category="survey",
        kind="other",
        counted_at=NOW - 2 * DAY,
        final_at=NOW - 2 * DAY,
        address_hash=hash_of(customer.email_norm),
        **fields,
    )


def test_what_went_to_one_address_counts_against_the_person(dana, at_work, outbox):
    sent(at_work)
    mine = plan(customer=dana)

    run()

    assert (row(mine).state, row(mine).deferred_reason) == ("planned", "contact_limit")


def test_what_the_person_got_counts_against_their_second_address(dana, at_work, outbox):
    sent(dana)
    other = plan(customer=at_work)

    run()

    assert row(other).deferred_reason == "contact_limit"


def test_two_addresses_of_one_person_get_one_mail_in_one_group(dana, at_work, outbox):
    messages = [plan(customer=dana), plan(customer=at_work)]

    run()

    assert sorted(row(message).state for message in messages) == ["planned", "sent"]


def in_thread(act):
    def ended():
        try:
            act()
        finally:
            connection.close()

    thread = Thread(target=ended)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_a_stop_at_a_second_address_waits_for_the_claim_and_takes_it_back(outbox):
    dana = CustomerFactory(email="dana@home.example")
    add(dana, "dana@work.example")
    at_work = CustomerFactory(email="dana@work.example")
    message = plan(customer=dana)
    decided, may_commit = Event(), Event()

    def deliverer():
        with transaction.atomic():
            assert claim(now=NOW, limit=10).seen == 1
            decided.set()
            may_commit.wait(60)

    claiming = in_thread(deliverer)
    decided.wait(60)
    stopping = in_thread(lambda: stop(at_work))
    time.sleep(0.3)
    assert stopping.is_alive()
    may_commit.set()
    claiming.join()
    stopping.join(60)

    assert (row(message).state, row(message).reason_code) == ("suppressed", "opted_out")


# --- Pages ---------------------------------------------------------------------------


@pytest.fixture
def noa(client):
    client.force_login(UserFactory(role="agent"))
    return client


def press(client, name, *args):
    return client.post(reverse(f"messaging:{name}", args=args), follow=True)


def test_an_agent_stops_one_address_and_takes_it_back(noa, dana):
    second = dana.addresses.get()

    page = press(noa, "address-stop", dana.pk, second.pk).content.decode()

    assert "Staff blocked the address" in page
    assert "Open it again" in page
    undo = reverse("messaging:address-allow", args=[dana.pk, second.pk])
    assert f'action="{undo}"' in page
    page = noa.post(undo, follow=True).content.decode()
    assert "Mail may go to it again." in page
    assert "Staff blocked the address" not in page


def test_the_chief_address_is_number_nought(noa, dana):
    press(noa, "address-stop", dana.pk, 0)

    assert suppression.suppressed([hash_of("dana@home.example")])
    suppression.suppress(
        hash_of("dana@home.example"), reason=SuppressionReason.COMPLAINT, now=NOW
    )
    page = press(noa, "address-allow", dana.pk, 0).content.decode()
    assert "complained, or was erased: that stays" in page


@pytest.mark.parametrize("kind", ["phone", "of another"])
def test_only_an_email_address_of_this_person_is_stopped(noa, dana, kind):
    if kind == "phone":
        other = addresses.add(
            dana, kind=AddressKind.PHONE, value="+972521234567", now=NOW
        )
    else:
        other = add(CustomerFactory(), "x@example.org")

    answer = press(noa, "address-stop", dana.pk, other.pk)

    assert answer.status_code == 404
    assert not Suppression.objects.exists()
