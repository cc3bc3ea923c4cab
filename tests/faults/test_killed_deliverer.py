"""F03: a deliverer is killed at each step; every message still ends exactly once."""

import sys
import time
from datetime import timedelta

import pytest
from django.db import OperationalError

from messaging.models import Message
from messaging.services import leases
from messaging.services.delivery import smtp_delivery
from messaging.services.delivery.journal import Journal
from messaging.services.delivery.smtp_delivery import SmtpDelivery
from messaging.transports.smtp import SmtpSender
from tests.faults import children
from tests.messaging.delivering import NOW, plan, plan_many, row, run, states

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("plain_kind", "short_waits", "both_smtp_modes"),
]

MESSAGES = 8
# step: what dies, after or before it ran, and how many may be uncertain.
STEPS = {
    # The package has a function of the same name.
    "after claim": (
        sys.modules["messaging.services.delivery.deliver"],
        "claim",
        True,
        0,
    ),
    "after render": (smtp_delivery, "prepare", True, 0),
    "after handed": (SmtpDelivery, "_hand", True, 0),
    "before dot": (Journal, "dotting", False, 0),
    "at the dot": (SmtpSender, "_dot", False, 1),
    "after 250, unwritten": (Journal, "accepted", False, 1),
    "after 250, written": (Journal, "accepted", True, 0),
    "after sent": (SmtpDelivery, "_record", True, 0),
}
ONCE_A_MAIL = {
    "before dot",
    "at the dot",
    "after 250, unwritten",
    "after 250, written",
}


def die_at(step: str, nth: int) -> None:
    owner, name, after, _ = STEPS[step]
    with children.dying(owner, name, after=after, nth=nth):
        run()


def recover() -> None:
    """What beat does in time. The journal of the dead needs no lease; what died
    before its first line waits for it."""
    for minute in range(3):
        leases.sweep_leases(now=NOW)
        run(at=NOW + timedelta(minutes=minute))
        Message.objects.filter(state="claimed").update(lease_until=NOW)


# A step that a group takes once has no fourth and no eighth time.
TIMES = [
    (step, nth)
    for step in STEPS
    for nth in ((1, 4, 8) if step in ONCE_A_MAIL else (1,))
]


@pytest.mark.parametrize(("step", "nth"), TIMES)
def test_a_kill_at_any_step_loses_nothing_and_doubles_nothing(sink, step, nth):
    plan_many(MESSAGES)

    code = children.run(lambda: die_at(step, nth))
    recover()

    ended = states()
    sent = Message.objects.filter(state="sent").values_list("customer__email")
    assert code == children.KILLED
    assert ended["uncertain"] == STEPS[step][3]
    assert ended["sent"] + ended["uncertain"] == MESSAGES
    assert len(set(sink.recipients)) == len(sink.recipients)
    assert {email for (email,) in sent} <= set(sink.recipients)


def test_a_kill_between_dot_and_answer_is_uncertain_though_it_arrived(sink):
    plan_many(3)

    def dot_and_die(self, _following):
        self._wire.send(b".\r\n")
        sink.wait_for(1)
        children.die()

    def work() -> None:
        SmtpSender._dot = dot_and_die
        run()

    code = children.run(work)
    recover()

    assert code == children.KILLED
    assert states() == {"sent": 2, "uncertain": 1}
    assert len(sink.recipients) == len(set(sink.recipients)) == 3


@pytest.mark.slow
@pytest.mark.pipeline
def test_without_its_journal_a_dead_group_is_uncertain_as_a_whole(sink, settings):
    """The journal lay on another machine: nothing may be guessed."""
    settings.MAIL_LEASE_SECONDS = 600
    plan_many(MESSAGES)
    children.run(lambda: die_at("after handed", 1))
    (path,) = settings.JOURNAL_FOLDER.glob("*.journal")
    path.unlink()

    leases.sweep_leases(now=NOW)
    too_early = states()
    Message.objects.update(lease_until="2000-01-01T00:00Z")
    leases.sweep_leases(now=NOW)

    assert too_early == {"handed": MESSAGES}
    assert states() == {"uncertain": MESSAGES}


def test_after_a_crash_of_the_machine_only_what_stands_written_is_believed(
    sink, settings
):
    plan_many(MESSAGES)
    children.run(lambda: die_at("after 250, written", 3))
    (path,) = settings.JOURNAL_FOLDER.glob("*.journal")
    lines = path.read_text().splitlines()
    path.write_text("\n".join(["boot another-boot", *lines[1:]]) + "\n")

    leases.sweep_leases(now=NOW)

    assert states() == {"sent": 3, "uncertain": MESSAGES - 3}


def test_a_message_that_kills_its_deliverer_is_given_up_after_five(sink):
    """C5: poison must not go round for ever, and not hold up the rest."""
    plan_many(3)
    poison = plan("poison@example.org")

    def work() -> None:
        real = SmtpSender.pack

        def pack(self, mail):
            if mail.to == "poison@example.org":
                children.die()
            return real(self, mail)

        SmtpSender.pack = pack
        run()

    for _ in range(7):
        children.run(work)
        leases.sweep_leases(now=NOW)

    assert (row(poison).state, row(poison).reason_code) == (
        "failed",
        "too_many_attempts",
    )


def test_outcomes_wait_for_a_database_that_is_away(sink, monkeypatch):
    plan_many(3)
    real = smtp_delivery.record
    failures = iter([OperationalError("gone"), OperationalError("gone")])

    def record(*args, **kwargs):
        for failure in failures:
            raise failure
        return real(*args, **kwargs)

    monkeypatch.setattr(smtp_delivery, "record", record)

    run()

    assert states() == {"sent": 3}


def test_what_a_process_could_not_write_is_read_from_its_journal(sink, monkeypatch):
    plan_many(3)
    real = smtp_delivery.record
    monkeypatch.setattr(smtp_delivery, "DATABASE_PATIENCE", -1)

    def gone(*args, **kwargs):
        raise OperationalError("gone")

    monkeypatch.setattr(smtp_delivery, "record", gone)
    with pytest.raises(OperationalError):
        run()
    monkeypatch.setattr(smtp_delivery, "record", real)
    meanwhile = states()

    recover()

    assert meanwhile == {"handed": 3}
    assert states() == {"sent": 3}
    assert len(sink.recipients) == 3


def test_a_sleeper_sends_no_dot_after_its_lease(sink, monkeypatch):
    """F05: stopped between the line in the journal and the dot, woken too late."""
    message = plan("dana@example.org")
    real = Journal.dotting

    def slow(self, message_id):
        real(self, message_id)
        time.sleep(2.2)

    monkeypatch.setattr(Journal, "dotting", slow)

    run(limit=1)

    assert sink.recipients == []
    assert row(message).state == "planned"
