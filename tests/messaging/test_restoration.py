"""A day-old copy is put back over a busy shop: nothing goes twice, no one is asked."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from crm.models import Business, Customer, JournalState
from crm.rules.choices import HeldReason
from crm.services import personal_data
from crm.services.journal import files, position
from crm.services.journal.replay import replay
from messaging.models import Automation, Circuit, Consent, Message, Suppression
from messaging.rules.choices import Category, SuppressionReason, Transport
from messaging.services import (
    circuit,
    consent,
    leases,
    messages,
    permission,
    planning,
    restoration,
    suppression,
)
from messaging.services.delivery import hand_over
from tests.database_copy import put_back, take_copy
from tests.factories import AutomationFactory, CustomerFactory, UserFactory
from tests.messaging.delivering import NOW, plan, plan_many, row, run, states
from tests.messaging.plain_kind import PlainKind
from tests.messaging.small_kind import SmallKind, registered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_kind")]

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class DayKind(PlainKind):
    """Due on the very day in `since_on`, and can be written."""

    name = "day_kind"
    former_names = frozenset({"old_kind"})
    due = SmallKind.due


class OldKind(DayKind):
    name = "old_kind"
    former_names = frozenset()


@pytest.fixture
def automation():
    with registered(DayKind()):
        yield AutomationFactory(
            kind="day_kind",
            send_hour=9,
            life_days=3,
            switched_on_at=NOW - 30 * DAY,
        )


@pytest.fixture
def owner():
    return UserFactory(role="owner")


def after_restore(*words):
    shown = StringIO()
    call_command("after_restore", *words, stdout=shown)
    return shown.getvalue()


def is_allowed(customer, category=Category.SURVEY):
    return consent.states([customer.pk])[customer.pk][category].allowed


# --- Held ----------------------------------------------------------------------------


def test_a_copy_that_is_put_back_lets_no_mail_leave(sink):
    plan_many(10)
    take_copy()
    run()
    put_back()

    for _ in range(3):
        run(at=NOW + HOUR)
        leases.sweep_leases(now=NOW + HOUR)
        circuit.try_now(Transport.SMTP, now=NOW + HOUR)

    assert states() == {"planned": 10}
    assert len(sink.recipients) == 10
    assert position.state().held_reason == "older"
    assert Circuit.objects.get().reason_code == "restored"


def test_a_worker_under_whose_feet_it_is_put_back_sends_nothing(sink, monkeypatch):
    """The look at the start of its pass was good; the hand-over looks again."""
    plan_many(10)
    take_copy()
    run()
    put_back()
    monkeypatch.setattr(restoration, "due_after", lambda *_args, **_more: None)

    count = run()

    assert count.sent == 0
    assert states() == {"planned": 10}
    assert len(sink.recipients) == 10


def test_the_outbox_shows_why_and_offers_no_try(sink, client, owner):
    plan_many(1)
    take_copy()
    run()
    put_back()
    run()
    client.force_login(owner)

    page = client.get(reverse("messaging:outbox")).content.decode()

    assert "manage.py after_restore" in page
    assert "Try now" not in page


def test_a_journal_of_another_database_lets_no_mail_leave_until_it_is_back(
    sink, settings
):
    plan_many(3)
    run()
    right = settings.JOURNAL_FOLDER
    plan_many_more = [plan(f"more{number}@example.org") for number in range(2)]
    settings.JOURNAL_FOLDER = right / "elsewhere"
    run()
    why = Circuit.objects.get().reason_code
    held = {row(message).state for message in plan_many_more}

    settings.JOURNAL_FOLDER = right
    circuit.try_now(Transport.SMTP, now=NOW)
    run()

    assert (why, held) == ("journal_missing", {"planned"})
    assert states() == {"sent": 5}


def test_mails_that_are_kept_here_need_no_journal(settings, tmp_path):
    settings.MAIL_TRANSPORT = "outbox"
    JournalState.objects.update(position=10)
    plan("dana@example.org")

    run()

    assert states() == {"sent": 1}


# --- Sent once -----------------------------------------------------------------------


def test_what_left_since_the_copy_is_not_sent_again(sink):
    plan_many(10)
    waiting = plan("later@example.org", not_before=NOW + 2 * HOUR)
    take_copy()
    run()
    put_back()

    run(at=NOW + HOUR)
    shown = after_restore("--yes")
    run(at=NOW + 3 * HOUR)

    assert "10  mails had left" in shown
    assert sorted(sink.recipients).count("c0@example.org") == 1
    assert len(sink.recipients) == len(set(sink.recipients)) == 11
    assert row(waiting).state == "sent"
    assert states() == {"sent": 11}


def test_what_was_planned_and_sent_since_the_copy_is_not_planned_again(
    sink, automation
):
    for number in range(5):
        CustomerFactory(
            since_on=NOW.date(),
            email=f"s{number}@example.org",
            created_at=NOW - 9 * DAY,
        )
    take_copy()
    planning.sweep(now=NOW)
    run()
    put_back()
    # The sweeps of the copy plan them anew before anybody looks.
    planning.sweep(now=NOW + HOUR)
    planned_anew = states()
    run(at=NOW + HOUR)
    after_restore("--yes")
    planning.sweep(now=NOW + HOUR)
    run(at=NOW + HOUR)

    assert planned_anew == {"planned": 5}
    assert states() == {"sent": 5}
    assert len(sink.recipients) == len(set(sink.recipients)) == 5


def test_the_ledger_of_the_copy_learns_what_was_sent(sink, automation):
    customer = CustomerFactory(since_on=NOW.date(), created_at=NOW - 9 * DAY)
    take_copy()
    planning.sweep(now=NOW)
    run()
    sent = Message.objects.get()
    put_back()
    run()

    shown = after_restore("--yes")

    known = Message.objects.get()
    assert (known.customer, known.message_uuid) == (customer, sent.message_uuid)
    assert (known.state, known.final_at, known.counted_at) == ("sent", NOW, NOW)
    assert bytes(known.address_hash) == bytes(sent.address_hash)
    assert "1  mails had left that this copy did not know" in shown


def test_a_mail_of_a_kind_that_was_renamed_since_is_not_planned_again(sink, automation):
    """The journal was written by an earlier version, under the name of those days."""
    CustomerFactory(since_on=NOW.date(), created_at=NOW - 9 * DAY)
    take_copy()
    with registered(OldKind()):
        Automation.objects.update(kind="old_kind")
        planning.sweep(now=NOW)
        run()
    put_back()
    planning.sweep(now=NOW + HOUR)

    after_restore("--yes")
    planning.sweep(now=NOW + HOUR)
    run(at=NOW + HOUR)

    assert list(Message.objects.values_list("kind", "state")) == [("day_kind", "sent")]
    assert len(sink.recipients) == 1


def test_a_number_given_anew_is_another_person(sink):
    """The copy does not know the customer, and somebody new got the number."""
    take_copy()
    gone = plan("gone@example.org")
    run()
    put_back()
    new = CustomerFactory(pk=gone.customer_id, created_at=NOW + DAY)
    JournalState.objects.update(position=0)
    run(at=NOW + DAY)

    shown = after_restore("--yes")

    assert not Message.objects.filter(customer=new).exists()
    assert "1  mails went to people whose record this copy does not have" in shown


def test_a_mail_that_came_back_to_wait_is_not_taken_for_sent(sink):
    sink.say("rcpt", "451 4.2.0 later", to="c0@example.org")
    plan_many(2)
    take_copy()
    run()
    put_back()
    run()

    after_restore("--yes")

    assert states() == {"sent": 1, "uncertain": 1}
    assert Message.objects.get(state="uncertain").reason_code == "due_before_restore"


def test_a_mail_without_an_outcome_in_the_journal_waits_for_a_person(sink, monkeypatch):
    plan_many(2)
    take_copy()
    with monkeypatch.context() as patch:
        patch.setattr(hand_over, "note_outcomes", lambda *_args, **_more: None)
        run()
    put_back()
    run()

    after_restore("--yes")

    assert {m.reason_code for m in Message.objects.all()} == {"no_answer"}
    assert states() == {"uncertain": 2}


def test_the_replay_can_be_run_any_number_of_times_alike(sink):
    kept, gone = plan("kept@example.org"), plan("gone@example.org")
    take_copy()
    run()
    consent.withdraw(
        kept.customer, categories=[Category.SURVEY], how="stop_page", now=NOW
    )
    suppression.suppress(b"1" * 32, reason=SuppressionReason.BOUNCE, now=NOW)
    put_back()
    run()

    def rows():
        return [
            list(model.objects.order_by("pk").values())
            for model in (Message, Consent, Suppression)
        ]

    lines = len(list(files.entries()))
    replay(now=NOW)
    once = rows()
    again = replay(now=NOW)

    assert rows() == once
    assert again.total() == 0
    assert len(list(files.entries())) == lines
    assert row(gone).state == "sent"


# --- What waits for a person ---------------------------------------------------------


def test_what_was_due_before_and_is_not_in_the_journal_waits_for_a_person(sink):
    plan_many(2)
    later = plan("later@example.org", not_before=NOW + 2 * DAY)
    position.hold(HeldReason.RESTORED, now=NOW + HOUR)

    shown = after_restore("--yes")
    run(at=NOW + 3 * DAY)

    assert "2 wait for a person" in shown
    assert states() == {"uncertain": 2, "sent": 1}
    assert row(later).state == "sent"


def test_what_is_planned_late_for_before_the_restore_waits_too(sink):
    """Orders are imported anew after the restore, and a survey falls due again."""
    position.hold(HeldReason.RESTORED, now=NOW)
    after_restore("--yes")
    late = plan("late@example.org", not_before=NOW - HOUR)

    run(at=NOW + HOUR)
    leases.sweep_leases(now=NOW + HOUR)

    assert not sink.recipients
    assert (row(late).state, row(late).reason_code) == (
        "uncertain",
        "due_before_restore",
    )


def test_what_was_due_at_the_very_moment_of_the_restore_waits_too(sink):
    message = plan("dana@example.org", not_before=NOW)
    position.hold(HeldReason.RESTORED, now=NOW)

    after_restore("--yes")
    run(at=NOW + HOUR)

    assert (row(message).state, row(message).reason_code) == (
        "uncertain",
        "due_before_restore",
    )


def test_what_a_person_left_as_it_is_stays_so(sink, dana):
    """The worker died after its line in the journal and before its commit, and somebody
    decided before the copy was made."""
    message = plan(customer=dana)
    run()
    Message.objects.update(state="uncertain", reason_code="no_answer")
    messages.leave_it(message, now=NOW + HOUR)
    take_copy()

    restored()

    assert (row(message).state, row(message).reason_code) == ("uncertain", "left_as_is")


def test_a_person_sends_one_or_all_of_them(sink):
    Business.objects.update(quiet_from=0, quiet_until=0)
    one, *rest = plan_many(3)
    position.hold(HeldReason.RESTORED, now=NOW)
    after_restore("--yes")

    messages.send_again(row(one), now=NOW + HOUR)
    run(at=NOW + HOUR)
    first = list(sink.recipients)
    shown = after_restore("--send-waiting", "plain")
    run(at=timezone.now() + HOUR)

    assert first == ["c0@example.org"]
    assert "2 mails go now" in shown
    assert {row(message).state for message in rest} == {"sent"}


def test_without_an_answer_it_stays_held(sink):
    plan_many(1)
    position.hold(HeldReason.RESTORED, now=NOW - HOUR)

    shown = after_restore()

    assert "stays held" in shown
    assert position.state().is_held


def test_a_database_that_was_not_put_back_is_left_alone(sink):
    plan_many(2)
    run()

    shown = after_restore("--yes")

    assert "was not put back" in shown
    assert states() == {"sent": 2}


def test_a_lost_journal_is_reported_and_given_up_only_in_words(sink, settings):
    plan_many(2)
    run()
    for path in settings.JOURNAL_FOLDER.glob("*.jsonl"):
        path.unlink()

    with pytest.raises(CommandError, match="--no-journal"):
        after_restore("--yes")
    after_restore("--yes", "--no-journal")
    plan("more@example.org")
    run()

    assert states() == {"sent": 3}


# --- Old sessions stay ended ---------------------------------------------------------


@pytest.fixture
def dana():
    return CustomerFactory(email="dana@example.org", created_at=NOW - DAY)


def restored():
    """Changes were made since `take_copy`; now the copy is back, and replayed."""
    put_back()
    position.hold(HeldReason.OLDER, now=NOW + HOUR)
    after_restore("--yes")


@pytest.mark.parametrize("how", ["stop_page", "one_click", "preference_page", "staff"])
def test_who_opted_out_since_the_copy_stays_out(dana, how):
    take_copy()
    consent.withdraw(dana, categories=[Category.SURVEY], how=how, now=NOW)
    restored()

    (word,) = Consent.objects.all()
    assert (word.granted, word.at, word.how) == (False, NOW, how)
    assert not is_allowed(dana)
    assert is_allowed(dana, Category.LOYALTY)


def test_what_was_still_open_when_the_copy_was_made_is_replayed_too(dana):
    """Its line stands before the position that the copy has, and the copy lacks it."""
    take_copy()
    consent.withdraw(dana, categories=[Category.SURVEY], how="stop_page", now=NOW)
    put_back()
    JournalState.objects.update_or_create(
        id=1, defaults={"position": files.last().number}
    )
    position.hold(HeldReason.RESTORED, now=NOW + HOUR)

    after_restore("--yes")

    assert not is_allowed(dana)


def test_a_no_is_not_that_of_somebody_who_was_given_the_number_anew(dana):
    take_copy()
    consent.withdraw(dana, categories=[Category.SURVEY], how="stop_page", now=NOW)
    put_back()
    Customer.objects.filter(pk=dana.pk).update(
        created_at=NOW + HOUR, email="ben@example.org", email_norm="ben@example.org"
    )
    position.hold(HeldReason.OLDER, now=NOW + HOUR)

    after_restore("--yes")

    assert is_allowed(dana)
    assert not Consent.objects.exists()


def test_a_later_yes_that_the_copy_knows_is_not_undone(dana):
    consent.withdraw(dana, categories=[Category.SURVEY], how="stop_page", now=NOW)
    consent.grant(
        dana, categories=[Category.SURVEY], how="preference_page", now=NOW + HOUR
    )
    take_copy()
    restored()

    assert is_allowed(dana)


def test_who_opted_out_and_has_no_record_in_the_copy_stays_out_when_imported(sink):
    take_copy()
    gone = CustomerFactory(email="gone@example.org", created_at=NOW - HOUR)
    consent.withdraw(gone, categories=[Category.SURVEY], how="stop_page", now=NOW)
    restored()

    message = plan("gone@example.org", not_before=NOW + DAY)
    run(at=NOW + DAY)

    assert (row(message).state, row(message).reason_code) == ("suppressed", "opted_out")
    assert not sink.recipients
    assert not Consent.objects.exists()


def test_whoever_agrees_again_in_their_own_words_is_written_to(dana):
    suppression.suppress(
        suppression.address_hash(dana.email_norm),
        reason=SuppressionReason.WITHDRAWN,
        scope=Category.SURVEY,
        now=NOW,
    )
    message = plan(customer=dana)
    before = permission.decisions([message], now=NOW)[message.pk]

    consent.grant(
        dana, categories=[Category.SURVEY], how="preference_page", now=NOW + HOUR
    )

    after = permission.decisions([message], now=NOW)[message.pk]
    assert before.reason.code == "opted_out"
    assert not hasattr(after, "reason")


@pytest.mark.parametrize("reason", ["bounce", "complaint"])
def test_an_address_that_refused_us_since_the_copy_gets_nothing(dana, reason):
    take_copy()
    address = suppression.address_hash(dana.email_norm)
    suppression.suppress(address, reason=SuppressionReason(reason), now=NOW)
    restored()

    (known,) = suppression.suppressed([address])[address]
    assert (known.reason, known.at) == (reason, NOW)


def test_a_bounce_that_staff_lifted_before_the_copy_stays_lifted(dana):
    address = suppression.address_hash(dana.email_norm)
    suppression.suppress(address, reason=SuppressionReason.BOUNCE, now=NOW)
    suppression.lift(address, now=NOW + HOUR)
    take_copy()
    restored()

    assert not suppression.suppressed([address])


def test_an_old_no_does_not_bar_an_address_that_agreed_again(dana):
    """Its line is newer than the bar that was lifted, and the record has another
    address by now."""
    address = suppression.address_hash(dana.email_norm)
    suppression.suppress(
        address,
        reason=SuppressionReason.WITHDRAWN,
        scope=Category.SURVEY,
        now=NOW - DAY,
    )
    consent.withdraw(dana, categories=[Category.SURVEY], how="stop_page", now=NOW)
    consent.grant(
        dana, categories=[Category.SURVEY], how="preference_page", now=NOW + HOUR
    )
    Customer.objects.update(email="new@example.org", email_norm="new@example.org")
    take_copy()

    restored()

    assert not suppression.suppressed([address])


def test_the_journal_names_no_one(sink, settings, dana):
    plan(customer=dana)
    run()
    consent.withdraw(
        dana,
        categories=[Category.SURVEY],
        how="staff",
        source_text="Dana Levi rang",
        now=NOW,
    )
    Customer.objects.filter(pk=dana.pk).update(given_name="Dana")

    text = "".join(p.read_text() for p in settings.JOURNAL_FOLDER.glob("*.jsonl"))

    assert "withdrawn" in text
    assert "handed" in text
    assert "dana" not in text.lower()


def test_who_was_erased_since_the_copy_is_erased_again(sink, dana):
    """Also somebody to whom a mail was on its way when the copy was made."""
    message = plan(customer=dana)
    take_copy()
    run()
    personal_data.erase(dana, now=NOW + HOUR)
    restored()

    dana.refresh_from_db()
    assert (dana.erased_at, dana.email, dana.given_name) == (NOW + HOUR, "", "")
    assert row(message).state == "sent"
    address = suppression.address_hash("dana@example.org")
    assert suppression.suppressed([address])


def test_whoever_was_created_after_an_erasure_with_its_number_stays(dana):
    take_copy()
    Customer.objects.filter(pk=dana.pk).update(created_at=NOW - DAY)
    personal_data.erase(dana, now=NOW)
    put_back()
    Customer.objects.filter(pk=dana.pk).update(created_at=NOW + HOUR)
    position.hold(HeldReason.OLDER, now=NOW + HOUR)
    after_restore("--yes")

    dana.refresh_from_db()
    assert dana.erased_at is None
