"""Messages with a lapsed lease go back or come to their end; old rows are purged."""

import json
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from crm import tasks as crm_tasks
from crm.models import Business, Heartbeat
from crm.services import retention
from messaging.models import Body, Link, Message
from messaging.rules.choices import Transport
from messaging.services import circuit, leases, workers
from messaging.services.delivery import journal
from messaging.services.delivery.journal import Fate, Journal
from tests.messaging.delivering import NOW, plan, plan_many, row, states

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_kind")]

TOKEN = "8a1c0b7e-1111-4222-8333-444455556666"


@pytest.fixture(autouse=True)
def outbox(settings, tmp_path):
    settings.MAIL_TRANSPORT = "outbox"
    settings.JOURNAL_FOLDER = tmp_path / "journal"


@pytest.fixture
def rings(monkeypatch):
    heard = []
    monkeypatch.setattr(workers, "notify_workers_on_commit", lambda: heard.append(1))
    return heard


def leased(state, *, minutes: int, **fields) -> Message:
    until = timezone.now() + timedelta(minutes=minutes)
    return plan(state=state, claim_token=TOKEN, lease_until=until, **fields)


def test_a_claim_whose_lease_ran_out_waits_again(rings):
    message = leased("claimed", minutes=-1, counted_at=NOW, attempts=2)

    count = leases.sweep_leases(now=NOW)

    back = row(message)
    assert (back.state, back.claim_token, back.counted_at) == ("planned", None, None)
    assert back.attempts == 2
    assert count.returned == 1
    assert rings


def test_a_lease_that_runs_is_left_alone():
    message = leased("handed", minutes=1)

    leases.sweep_leases(now=NOW)

    assert row(message).state == "handed"


def test_leases_end_by_the_clock_of_the_database_not_by_business_time():
    message = leased("handed", minutes=1)

    leases.sweep_leases(now=NOW + timedelta(days=400))

    assert row(message).state == "handed"


def test_a_message_that_waits_too_long_notifies_workers_again(rings):
    plan(not_before=NOW - timedelta(minutes=1))

    count = leases.sweep_leases(now=NOW)

    assert count.rang
    assert rings == [1]


def test_a_message_that_waits_for_its_time_does_not_ring(rings):
    plan(not_before=NOW - timedelta(seconds=10))

    assert not leases.sweep_leases(now=NOW).rang


def test_a_broken_transport_rings_only_when_it_may_be_tried(rings, settings):
    settings.MAIL_TRANSPORT = "smtp"
    plan(not_before=NOW - timedelta(minutes=1))
    refused = circuit.Failure("refused_us", 550, ours=True)
    circuit.trip(Transport.SMTP, refused, now=NOW)

    too_early = leases.sweep_leases(now=NOW).rang
    circuit.try_now(Transport.SMTP, now=NOW)
    due = leases.sweep_leases(now=NOW).rang

    assert (too_early, due) == (False, True)


def test_a_late_truth_corrects_uncertain_but_not_what_staff_decided():
    kept = plan(state="uncertain", claim_token=TOKEN, final_at=NOW)
    decided = plan(state="planned", claim_token=None)
    log = Journal()
    log.took(TOKEN, [kept.pk, decided.pk])
    log.accepted(kept.pk)
    log.accepted(decided.pk)
    log.close(settled=False)

    leases.sweep_leases(now=NOW)

    assert row(kept).state == "sent"
    assert row(decided).state == "planned"


def test_the_journal_of_a_living_process_is_not_taken_for_a_dead_one(settings):
    message = leased("handed", minutes=1)
    log = Journal()
    log.took(TOKEN, [message.pk])

    leases.sweep_leases(now=NOW)
    alive = row(message).state
    log.close(settled=False)
    leases.sweep_leases(now=NOW)

    assert (alive, row(message).state) == ("handed", "planned")
    assert list(settings.JOURNAL_FOLDER.glob("*.journal")) == []


def test_a_torn_or_foreign_line_in_a_journal_is_left_out():
    boot = journal._boot_id()
    content = f"boot {boot}\ngroup {TOKEN} 1 2 3\ndot 1\nwhat\naccepted 1\ndot 2\nacc"

    fates = journal._fates(content.encode() + b"\xff\x00")

    assert list(fates.values()) == [Fate.ACCEPTED, Fate.IN_DOUBT, Fate.UNTOUCHED]


def test_two_sweepers_do_no_harm():
    leased("handed", minutes=-1)

    first, second = leases.sweep_leases(now=NOW), leases.sweep_leases(now=NOW)

    assert (first.uncertain, second.uncertain) == (1, 0)
    assert states() == {"uncertain": 1}


def test_bodies_and_links_are_forgotten_after_their_time():
    Business.objects.update(body_keep_days=90)
    for days in (89, 91):
        message = plan(state="sent", final_at=NOW)
        Body.objects.create(
            message=message,
            subject="x",
            text="x",
            html="x",
            stored_at=NOW - timedelta(days=days),
        )
        Link.objects.create(
            token_hash=bytes([days]) * 32,
            purpose="survey",
            customer=message.customer,
            subject_id=1,
            expires_at=NOW - timedelta(days=days - 60),
        )

    gone = retention.purge(now=NOW)

    assert gone == 2
    assert (Body.objects.count(), Link.objects.count()) == (1, 1)
    assert Message.objects.count() == 2


def test_the_heartbeat_is_written_by_a_task():
    with time_machine.travel(NOW, tick=False):
        crm_tasks.beat_heartbeat.apply(throw=True)

    beats = dict(Heartbeat.objects.values_list("name", "at"))
    assert beats["worker"] == beats["beat"] == NOW


def test_the_command_delivers_at_a_business_time_and_counts_in_json():
    plan_many(3)
    plan(not_before=NOW + timedelta(days=1))
    out = StringIO()

    call_command("deliver", at=NOW.isoformat(), as_json=True, stdout=out)

    count = json.loads(out.getvalue())
    assert (count["kept"], count["sent"], count["seen"]) == (3, 0, 3)
    assert states() == {"sent": 3, "planned": 1}


def test_the_command_takes_a_limit_and_prints_what_it_did():
    plan_many(3)
    out = StringIO()

    call_command("deliver", at=NOW.isoformat(), limit=2, stdout=out)

    assert "kept: 2" in out.getvalue()


@pytest.mark.parametrize("words", ["tomorrow", "2026-02-31T09:00"])
def test_the_command_refuses_a_moment_that_is_none(words):
    with pytest.raises(CommandError):
        call_command("deliver", at=words)
