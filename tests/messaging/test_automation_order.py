"""The one order of all automations, and what it decides."""

from datetime import UTC, date, datetime
from threading import Barrier, Thread

import pytest
from django.db import connection

from crm.models import AuditEntry
from messaging import kinds
from messaging.models import Automation, Message
from messaging.services import automation_order, automation_rows, planning
from tests.factories import CustomerFactory
from tests.messaging.automation_rows import automation
from tests.messaging.small_kind import SmallKind, registered

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TOMORROW = date(2026, 11, 22)

pytestmark = pytest.mark.django_db


def order():
    return list(Automation.objects.values_list("name", flat=True))


def test_moving_renumbers_all_takes_planned_mail_along_and_undoes(small_kind):
    Automation.objects.all().delete()
    first, second, _ = map(automation, ("First", "Second", "Third"))
    CustomerFactory(since_on=TOMORROW)
    planning.sweep(now=NOW, kinds=["test_kind"])
    message = Message.objects.get()

    was_before = automation_order.move(first, before=None, now=NOW)

    assert order() == ["Second", "Third", "First"]
    assert [*Automation.objects.values_list("priority", flat=True)] == [1, 2, 3]
    message.refresh_from_db()
    assert (message.automation, message.priority) == (first, 3)
    (entry,) = AuditEntry.objects.filter(action="automation.moved")
    assert (entry.subject, entry.fields) == (f"automation:{first.pk}", ["priority"])
    # There already: nothing is written.
    automation_order.move(first, before=None, now=NOW)
    assert AuditEntry.objects.filter(action="automation.moved").count() == 1
    automation_order.move(first, before=was_before, now=NOW)
    assert (was_before, order()) == (second, ["First", "Second", "Third"])


def test_a_new_one_stands_behind_its_kind_and_a_copy_behind_its_original(small_kind):
    Automation.objects.all().delete()
    early = automation("Early")
    automation("Late")
    automation_order.move(early, before=None, now=NOW)

    automation_rows.copy(early, name="Copy", now=NOW)
    automation_rows.create(kinds.get("test_kind"), name="New", now=NOW)

    assert order() == ["Late", "Early", "Copy", "New"]
    assert sorted(Automation.objects.values_list("priority", flat=True)) == [1, 2, 3, 4]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_who_move_at_once_both_get_what_they_asked_for():
    with registered(SmallKind()):
        Automation.objects.all().delete()
        rows = [automation(name) for name in "ABCDEF"]
        gate = Barrier(2)

        def move(row, before):
            try:
                gate.wait()
                automation_order.move(row, before=before, now=NOW)
            finally:
                connection.close()

        asked = ((rows[4], rows[1]), (rows[0], None))
        threads = [Thread(target=move, args=one) for one in asked]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert order() == [*"EBCDFA"]
        places = Automation.objects.values_list("priority", flat=True)
        assert [*places] == [1, 2, 3, 4, 5, 6]
