"""Sweeps after a merge and after its undo: nobody gets a mail twice, nobody none."""

from datetime import UTC, date, datetime, timedelta

import pytest

from crm.services import merging
from messaging.models import Automation, Message
from messaging.services import automations, planning
from messaging.services.delivery import deliver
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 12, 12, tzinfo=UTC)


@pytest.fixture
def automation(settings, tmp_path):
    settings.MAIL_TRANSPORT = "outbox"
    settings.JOURNAL_FOLDER = tmp_path / "journal"
    automations.ensure_automations()
    row = Automation.objects.get(kind="anniversary")
    return automations.switch_on(row, now=datetime(2000, 1, 1, tzinfo=UTC))


@pytest.fixture
def pair(automation):
    facts = {"since_on": date(2020, 5, 12), "time_zone": "UTC"}
    return (
        CustomerFactory(email="ana@home.example", **facts),
        CustomerFactory(email="ana@work.example", **facts),
    )


def sweep_and_send(minutes):
    at = NOW + timedelta(minutes=minutes)
    planning.sweep(now=at, kinds=["anniversary"])
    deliver(now=at)


def merge(pair):
    return merging.merge(*pair, now=NOW + timedelta(minutes=1))


def undo(row, minutes):
    merging.undo(row, now=NOW + timedelta(minutes=minutes))


def sent():
    """Whose record each mail stands at that left, in the order of planning."""
    rows = Message.objects.filter(state="sent").order_by("pk")
    return list(rows.values_list("customer", flat=True))


def test_who_was_planned_twice_gets_one_mail_and_each_their_own_after_the_undo(pair):
    kept, dropped = pair
    planning.sweep(now=NOW, kinds=["anniversary"])
    assert Message.objects.filter(state="planned").count() == 2

    row = merge(pair)
    sweep_and_send(2)
    assert sent() == [kept.pk]
    undo(row, 3)
    sweep_and_send(4)
    sweep_and_send(5)

    assert sent() == [kept.pk, dropped.pk]


def test_what_one_record_got_already_does_not_go_to_the_other_once_they_are_one(pair):
    kept, dropped = pair
    planning.sweep(now=NOW, kinds=["anniversary"])
    Message.objects.filter(customer=kept).update(not_before=NOW + timedelta(minutes=2))
    deliver(now=NOW)
    assert sent() == [dropped.pk]

    row = merge(pair)
    sweep_and_send(3)
    assert sent() == [kept.pk]
    [waited] = Message.objects.exclude(state="sent")
    assert (waited.state, waited.reason_code) == ("superseded", "got_already")
    undo(row, 4)
    sweep_and_send(5)
    sweep_and_send(6)

    assert sent() == [dropped.pk, kept.pk]


def test_an_undo_before_the_sweep_loses_nothing(pair):
    kept, dropped = pair
    planning.sweep(now=NOW, kinds=["anniversary"])

    undo(merge(pair), 2)
    assert not Message.objects.filter(state="planned").exists()
    sweep_and_send(3)
    sweep_and_send(4)

    assert {*sent()} == {kept.pk, dropped.pk}
