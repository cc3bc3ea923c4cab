"""One mailbox, several records: a choice at an address holds for all of them."""

import time
from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import connection, transaction
from django.test import Client

from messaging import selectors
from messaging.errors import ConsentWithdrawn
from messaging.models import Consent, Message
from messaging.rules.choices import Category, State, SuppressionReason
from messaging.selectors import outbox as rows
from messaging.services import consent, links, pauses, preferences, suppression
from messaging.services.delivery import deliver
from messaging.services.delivery.claim import claim
from tests.factories import CustomerFactory, MessageFactory
from tests.messaging.delivering import NOW, plan, row, run, states

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_kind")]

DAY = timedelta(days=1)
SURVEY = Category.SURVEY


@pytest.fixture
def outbox(settings, tmp_path):
    settings.MAIL_TRANSPORT = "outbox"
    settings.JOURNAL_FOLDER = tmp_path


@pytest.fixture
def ana(db):
    return CustomerFactory(given_name="Ana", email="family@example.org")


@pytest.fixture
def ben(db):
    return CustomerFactory(given_name="Ben", email="Family@Example.org")


def stop(customer, category=SURVEY, **more):
    return consent.withdraw(
        customer, categories=[category], how="one_click", now=NOW, **more
    )


def allowed(customer, category=SURVEY):
    return consent.states([customer.pk])[customer.pk][category].allowed


def stop_page(customer, category=SURVEY):
    return f"/u/{links.stop_token(customer.pk, category)}/"


def press(customer, choice, act="a" * 16):
    data = {"choice": choice, "act": act}
    return Client().post(stop_page(customer), data).status_code


def save(customer, *, paused=False, **wanted):
    state = consent.states([customer.pk])[customer.pk]
    preferences.save_preferences(
        customer,
        wanted={c: wanted.get(c.value, state[c].allowed) for c in Category},
        language="en",
        paused=paused,
        ip="",
        now=NOW,
    )


# --- Stopping ------------------------------------------------------------------------


def test_a_stop_through_one_record_ends_the_others_mail_at_once(ana, ben):
    other = plan(customer=ben)
    leaving = plan(customer=ben, occurrence="leaving")
    Message.objects.filter(pk=leaving.pk).update(
        state="claimed", claim_token=leaving.message_uuid, lease_until=NOW + DAY
    )
    else_where = plan("somebody@example.org")

    stop(ana)

    for message in (other, leaving):
        assert (row(message).state, row(message).reason_code) == (
            "suppressed",
            "opted_out",
        )
        assert row(message).reason_data == {"through": ana.pk}
    assert row(else_where).state == "planned"


def test_what_had_waited_shows_why_it_ended_and_not_why_it_waited(ana, ben):
    waiting = plan(customer=ben, deferred_reason="same_address")

    stop(ana)

    assert str(rows.reason_of(row(waiting))) == "Opted out"
    shown = selectors.why(row(waiting), now=NOW)[-1].text
    assert shown.endswith("its address was stopped through another record")


def test_a_record_that_comes_later_is_stopped_too_and_shows_through_whom(ana, outbox):
    stop(ana)
    later = plan(customer=CustomerFactory(email="FAMILY@example.ORG"))

    run()

    ended = row(later)
    assert (ended.state, ended.reason_code) == ("suppressed", "opted_out")
    assert ended.reason_data == {"through": ana.pk}
    shown = [check.text for check in selectors.why(ended, now=NOW)]
    assert shown[-1] == (
        "May we write: no, its address was stopped through another record"
    )


def test_whoever_moves_to_a_stopped_address_is_stopped_there(ana):
    stop(ana)
    mover = CustomerFactory(email="old@example.org")
    consent.grant(mover, categories=[SURVEY], how="api", source_text="a call", now=NOW)

    mover.email, mover.email_norm = "family@example.org", "family@example.org"
    mover.save()

    assert not allowed(mover)


def test_another_class_and_another_address_go_on(ana, ben):
    stop(ana)

    assert not allowed(ben)
    assert allowed(ben, Category.LOYALTY)
    assert allowed(CustomerFactory(email="ben@example.org"))
    assert allowed(CustomerFactory(email=""))


def test_an_undo_through_the_same_record_is_an_undo_for_all(ana, ben):
    press(ana, "everything")
    assert not allowed(ben)

    press(ana, "undo")

    assert allowed(ana)
    assert allowed(ben)
    assert not allowed(ben, Category.MARKETING)


def test_an_undo_leaves_a_stop_that_another_record_pressed_too(ana, ben):
    press(ana, "stop")
    Client().post(stop_page(ben))

    press(ana, "undo")

    assert not allowed(ben)
    assert not allowed(ana)


def test_stop_undo_stop_through_two_records_ends_stopped(ana, ben):
    press(ana, "stop", "a" * 16)
    press(ana, "undo", "a" * 16)
    press(ben, "stop", "b" * 16)

    assert not allowed(ana)
    press(ben, "undo", "b" * 16)
    assert allowed(ana)


def test_the_preference_page_speaks_for_the_address(ana, ben):
    save(ana, survey=False)
    assert not allowed(ben)

    save(ben, survey=True, marketing=True)

    assert allowed(ana)
    assert allowed(ana, Category.MARKETING)


def test_what_one_record_agreed_with_us_is_not_agreed_for_the_other(ana, ben):
    consent.grant(
        ana, categories=[Category.MARKETING], how="api", source_text="a call", now=NOW
    )

    assert allowed(ana, Category.MARKETING)
    assert not allowed(ben, Category.MARKETING)


def test_a_yes_on_the_page_of_before_was_for_one_record(ana, ben):
    stop(ana)
    Consent.objects.create(
        customer=ben,
        category="survey",
        granted=True,
        at=NOW,
        how="preference_page",
        wording_version="preferences-1",
        address_hash=suppression.address_hash(ben.email_norm),
    )

    assert allowed(ben)
    assert not allowed(ana)


def test_no_one_may_say_yes_for_a_stopped_address(ana, ben):
    stop(ana)

    with pytest.raises(ConsentWithdrawn):
        consent.grant(
            ben, categories=[SURVEY], how="staff", source_text="a call", now=NOW
        )


# --- Pauses, bounces, complaints -----------------------------------------------------


def test_a_pause_through_one_record_holds_the_others_and_ends_for_all(ana, ben, outbox):
    message = plan(customer=ben)
    save(ana, paused=True)

    run()
    assert row(message).deferred_reason == "on_hold"
    assert pauses.standing_pause(ben, now=NOW)

    save(ben, paused=False)
    run(NOW + timedelta(hours=2))
    assert row(message).state == "sent"


def test_a_bounce_of_one_record_stops_the_other(ana, ben, sink):
    first = plan(customer=ana, priority=1)
    second = plan(customer=ben, not_before=NOW + DAY)
    sink.say("rcpt", "550 5.1.1 no such user")

    run()
    run(NOW + DAY)

    assert row(first).reason_code == "no_such_mailbox"
    assert (row(second).state, row(second).reason_code) == ("suppressed", "bounced")


def test_a_complaint_of_one_record_stops_the_other(ana, ben, outbox):
    address = suppression.address_hash(ana.email_norm)
    suppression.suppress(address, reason=SuppressionReason.COMPLAINT, now=NOW)
    message = plan(customer=ben)

    run()

    assert row(message).reason_code == "complained"


# --- One mail of a kind on a day -----------------------------------------------------


def test_two_records_get_one_mail_and_the_other_shows_why(ana, ben, sink):
    first = plan(customer=ana, priority=1, category="loyalty")
    second = plan(customer=ben, category="loyalty")

    run()

    waiting = row(second)
    assert row(first).state == "sent"
    assert sink.recipients == ["family@example.org"]
    assert (waiting.state, waiting.deferred_reason) == ("planned", "same_address")
    assert waiting.not_before == NOW + DAY
    assert str(rows.reason_of(waiting)) == (
        "Another record with this address got it that day"
    )
    shown = selectors.why(waiting, now=NOW)[-1].text
    assert "another record with this address got one that day" in shown


def test_the_other_goes_on_the_next_day_where_the_limit_has_room(ana, ben, outbox):
    plan(customer=ana, priority=1, category="loyalty")
    second = plan(customer=ben, category="loyalty")

    run()
    run(NOW + DAY)

    assert row(second).state == "sent"


def test_in_two_passes_it_is_the_same(ana, ben, outbox):
    plan(customer=ana, priority=1, category="loyalty")
    second = plan(customer=ben, category="loyalty")

    run(limit=1)
    run(NOW + timedelta(hours=1))

    assert row(second).deferred_reason == "same_address"


def test_answers_and_receipts_are_not_held(ana, ben, outbox):
    for customer in (ana, ben):
        plan(customer=customer, category="transactional")

    run()

    assert states() == {"sent": 2}


def test_one_that_did_not_go_holds_no_one(ana, ben, outbox):
    """Decided in one group: the first turns out not to be due any more."""
    plan(customer=ana, priority=1, why={"over": "already_answered"})
    second = plan(customer=ben)

    run()

    assert row(second).state == "sent"


def test_the_contact_limit_counts_by_address_too(ana, ben, outbox):
    """One survey in thirty days, whichever record the last one was for."""
    plan(customer=ana, kind="plain")
    run()
    later = plan(customer=ben, not_before=NOW + 10 * DAY)

    run(NOW + 10 * DAY)

    assert row(later).deferred_reason == "contact_limit"


def test_the_limit_still_counts_a_person_who_changed_the_address(ana, outbox):
    plan(customer=ana)
    run()
    ana.email = ana.email_norm = "new@example.org"
    ana.save()
    later = plan(customer=ana, not_before=NOW + 10 * DAY, occurrence="later")

    run(NOW + 10 * DAY)

    assert row(later).deferred_reason == "contact_limit"


def test_without_an_address_no_one_shares_it(outbox):
    for _ in range(2):
        plan(customer=CustomerFactory(email=""))

    run()

    assert set(Message.objects.values_list("reason_code", flat=True)) == {"no_address"}


# --- Two deliverers ------------------------------------------------------------------


def in_thread(work):
    def done():
        try:
            work()
        finally:
            connection.close()

    thread = Thread(target=done)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_while_one_deliverer_decides_the_other_leaves_the_address_alone(outbox):
    ana = plan("family@example.org", priority=1)
    decided, may_commit = Event(), Event()

    def first():
        with transaction.atomic():
            assert claim(now=NOW, limit=10).seen == 1
            decided.set()
            may_commit.wait(60)

    deliverer = in_thread(first)
    decided.wait(60)
    ben = plan("Family@Example.org")
    beside = claim(now=NOW, limit=10)
    may_commit.set()
    deliverer.join()
    after = claim(now=NOW, limit=10)

    assert beside.seen == 0
    assert (after.seen, after.deferred) == (1, 1)
    assert row(ana).state == "claimed"
    assert row(ben).deferred_reason == "same_address"


@pytest.mark.django_db(transaction=True)
def test_a_stop_waits_for_the_claim_and_takes_it_back(outbox):
    ana = CustomerFactory(email="family@example.org")
    message = plan("Family@Example.org")
    decided, may_commit = Event(), Event()

    def deliverer():
        with transaction.atomic():
            claim(now=NOW, limit=10)
            decided.set()
            may_commit.wait(60)

    claiming = in_thread(deliverer)
    decided.wait(60)
    stopping = in_thread(lambda: stop(ana))
    time.sleep(0.3)
    assert stopping.is_alive()
    may_commit.set()
    claiming.join()
    stopping.join(60)

    assert (row(message).state, row(message).reason_code) == ("suppressed", "opted_out")


def share(customers, addresses):
    people = CustomerFactory.create_batch(customers)
    for number, person in enumerate(people):
        local = f"shared{number % addresses}"
        person.email = f"{local.title() if number % 2 else local}@example.org"
        person.email_norm = f"{local}@example.org"
        person.save()
    return [
        MessageFactory(customer=one, kind="plain", not_before=NOW) for one in people
    ]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("addresses", [1, 500])
def test_a_thousand_sharers_get_one_mail_an_address_from_two_deliverers(
    outbox, addresses
):
    share(1_000, addresses)
    started = time.monotonic()

    workers = [in_thread(lambda: deliver(now=NOW, seconds=60)) for _ in range(2)]
    for worker in workers:
        worker.join()
    # What both left to each other at the end.
    run()

    assert time.monotonic() - started < 60
    assert states() == {State.SENT: addresses, State.PLANNED: 1_000 - addresses}
    waiting = Message.objects.filter(state="planned")
    assert set(waiting.values_list("deferred_reason", flat=True)) == {"same_address"}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_stops_and_deliverers_at_once_end_without_a_deadlock(outbox):
    messages = share(400, 20)
    people = [message.customer for message in messages]
    failures = []

    def stop_some(start):
        for person in people[start::8]:
            try:
                stop(person)
            except Exception as error:
                failures.append(error)

    threads = [in_thread(lambda: deliver(now=NOW, seconds=30)) for _ in range(2)]
    threads += [in_thread(lambda at=at: stop_some(at)) for at in range(4)]
    for thread in threads:
        thread.join()

    assert failures == []
    assert not Message.objects.filter(state="claimed").exists()
    assert not any(state["planned"] for state in [states()])
