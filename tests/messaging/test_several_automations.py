"""Several automations of one kind: the one that goes first writes to each person."""

import re
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from threading import Barrier, Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from crm.models import AuditEntry, Customer
from messaging.errors import AutomationArchived, AutomationIsOn, AutomationUsed
from messaging.models import Automation, Message, Sweep, Wording
from messaging.services import automation_rows, automations, delivery, planning
from messaging.services.forecast import forecast
from messaging.services.reach import reach_of
from messaging.sql.reach import outside
from tests.factories import CustomerFactory, UserFactory
from tests.messaging.plain_kind import PlainKind
from tests.messaging.small_kind import SmallKind, registered
from web.errors import InvalidValue

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TOMORROW = date(2026, 11, 22)
# When the mail of TOMORROW goes.
NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)


class MailedKind(PlainKind):
    """Due on the day in `since_on`, and really written."""

    name = "test_kind"
    due = SmallKind.due


class OtherKind(MailedKind):
    name = "other_kind"


@pytest.fixture(autouse=True)
def outbox(settings, tmp_path):
    settings.MAIL_TRANSPORT = "outbox"
    settings.MAIL_JOURNAL_DIR = tmp_path


@pytest.fixture
def small_kind():
    with registered(MailedKind()) as kind:
        yield kind


@pytest.fixture
def noa(db):
    return UserFactory(name="Noa")


@pytest.fixture
def core(db, small_kind, noa):
    """For Noa's customers, and first."""
    return automation("Core", priority=10, audience=f"owner={noa.pk}")


@pytest.fixture
def rest(db, small_kind):
    """For everybody else."""
    return automation("Rest", priority=20)


def automation(name, **fields):
    row = Automation.objects.create(
        **{
            "kind": "test_kind",
            "name": name,
            "is_on": True,
            "switched_on_at": NOW - 30 * DAY,
            "life_days": 3,
            **fields,
        }
    )
    Sweep.objects.create(automation=row)
    return row


def due(**more):
    return CustomerFactory(since_on=TOMORROW, **more)


def sweep(now=NOW):
    return planning.sweep(now=now, kinds=["test_kind"])


def planning_statement(seen):
    (found,) = [q["sql"] for q in seen if "INTO messaging_message" in q["sql"]]
    return found


def planned():
    """(customer, automation) of all that is planned."""
    rows = Message.objects.filter(state="planned").order_by("customer_id")
    return [(row.customer, row.automation) for row in rows]


# --- Planning ------------------------------------------------------------------------


def test_each_is_planned_by_the_automation_whose_audience_has_them(core, rest, noa):
    hers, nobodys = due(owner=noa), due()

    counts = sweep()

    assert planned() == [(hers, core), (nobodys, rest)]
    assert counts == {"test_kind": {"planned": 2, "expired": 0}}


def test_who_is_in_no_audience_is_written_to_by_nobody(core):
    due()

    assert sweep()["test_kind"]["planned"] == 0


def test_of_two_equal_priorities_the_older_goes_first(rest, noa):
    older = automation("Older", priority=10)
    automation("Younger", priority=10)
    customer = due()

    sweep()

    assert planned() == [(customer, older)]


def test_one_that_is_off_takes_nobody(core, rest, noa):
    automations.switch_off(core, now=NOW)
    customer = due(owner=noa)

    sweep()

    assert planned() == [(customer, rest)]


def test_planning_twice_is_once_with_two_automations(core, rest, noa):
    due(owner=noa), due()

    first, second = sweep(), sweep(NOW + timedelta(minutes=5))

    assert first["test_kind"]["planned"] == 2
    assert second["test_kind"]["planned"] == 0
    assert Message.objects.count() == 2


def test_who_moves_between_audiences_gets_one_occurrence_from_one_of_them(
    core, rest, noa
):
    customer = due(owner=noa)
    sweep()
    Message.objects.update(state="sent", final_at=NOW)
    Customer.objects.update(owner=None)

    sweep()

    assert list(Message.objects.values_list("customer", "automation")) == [
        (customer.pk, core.pk)
    ]


def test_what_fell_due_before_the_first_was_switched_on_is_not_lost(core, rest, noa):
    """Core never sends the past, so Rest sends it: told late, due at nine today."""
    Automation.objects.filter(pk=core.pk).update(switched_on_at=NOW)
    late = CustomerFactory(since_on=NOW.date(), owner=noa)
    ahead = due(owner=noa)

    sweep()

    assert planned() == [(late, rest), (ahead, core)]


def test_one_for_everybody_plans_with_the_statement_of_a_kind_that_has_only_it(rest):
    with CaptureQueriesContext(connection) as seen:
        sweep()

    statement = planning_statement(seen)
    assert "people" not in statement
    assert "owner_id" not in statement


@pytest.mark.parametrize(
    ("audience", "who"),
    [
        ("q=Levi", "levi"),
        ("q=100%25", "percent"),
        ("q=%25%28kind%29s", None),
        ("q=O%27Brien", "quote"),
        ("owner=none&q=Levi", "levi"),
        ("q=%5C", None),
    ],
)
def test_a_search_is_an_audience_whatever_is_written_in_it(
    small_kind, db, audience, who
):
    names = {"levi": "Levi", "percent": "100% Off", "quote": "O'Brien"}
    people = {key: due(family_name=name) for key, name in names.items()}
    automation("Found", audience=automations.audiences.checked(audience))

    sweep()

    assert [customer for customer, _ in planned()] == ([people[who]] if who else [])


@pytest.fixture
def crowd(noa):
    """Many who are due: joined, an audience would be read whole for them."""
    people = Customer.objects.bulk_create(
        CustomerFactory.build(since_on=TOMORROW, owner=noa) for _ in range(3_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE crm_customer")
    return [customer.pk for customer in people]


def assert_by_key(statement):
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (COSTS OFF) " + statement.replace("%", "%%"), [])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan using crm_customer_pkey on crm_customer c" in plan
    assert not re.search("Seq Scan on crm_customer c$", plan, re.MULTILINE), plan


def test_planning_looks_customers_up_by_key(core, crowd):
    with CaptureQueriesContext(connection) as seen:
        sweep()

    assert_by_key(planning_statement(seen))


def test_the_claim_looks_customers_up_by_key(core, crowd):
    reach = reach_of(core, country="GB")

    with CaptureQueriesContext(connection) as seen:
        found = outside(
            reach, ids=crowd, customers=crowd, moments=[NINE for _ in crowd]
        )

    assert found == {}
    assert_by_key(seen[0]["sql"])


# --- At the claim --------------------------------------------------------------------


def deliver(now=NINE):
    return delivery.deliver(now=now)


def ended():
    rows = Message.objects.exclude(final_at=None).order_by("id")
    return [(row.automation, row.state, row.reason_code) for row in rows]


def test_who_left_the_audience_gets_it_from_whoever_has_them_now(core, rest, noa):
    customer = due(owner=noa)
    sweep()
    Customer.objects.update(owner=None)

    deliver()
    sweep(NINE)

    assert ended() == [(core, "superseded", "superseded_left_audience")]
    assert planned() == [(customer, rest)]


def test_who_left_and_came_back_is_planned_again(core, noa):
    customer = due(owner=noa)
    sweep()
    Customer.objects.update(owner=None)
    deliver()
    assert planned() == []

    Customer.objects.update(owner=noa)
    sweep(NINE)

    assert planned() == [(customer, core)]


def test_who_came_to_the_first_ones_audience_gets_it_from_the_first(core, rest, noa):
    customer = due()
    sweep()
    Customer.objects.update(owner=noa)

    deliver()
    sweep(NINE)

    assert ended() == [(rest, "superseded", "superseded_another_first")]
    assert planned() == [(customer, core)]


def test_what_fell_due_before_the_first_was_switched_on_goes_after_all(core, rest, noa):
    """And is not ended and planned in turns for ever."""
    Automation.objects.filter(pk=core.pk).update(switched_on_at=NINE)
    due(owner=noa)
    sweep()

    deliver(NINE + timedelta(minutes=1))

    assert [(one, state) for one, state, _ in ended()] == [(rest, "sent")]


def test_an_audience_that_cannot_be_read_holds_up_nobody_else(
    core, rest, noa, monkeypatch
):
    """The mail of the broken one waits; what the others have goes."""
    with registered(OtherKind()):
        other = automation("Other", kind="other_kind")
        due(owner=noa)
        planning.sweep(now=NOW)
        monkeypatch.setattr("crm.audiences.compiled", lambda *_, **__: 1 / 0)

        deliver()

    rows = dict(Message.objects.values_list("automation", "state"))
    assert rows == {core.pk: "planned", other.pk: "sent"}


# --- Two at once ---------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_plan_each_person_once(db):
    with registered(MailedKind()):
        noa = UserFactory()
        core = automation("Core", priority=10, audience=f"owner={noa.pk}")
        rest = automation("Rest", priority=20)
        expected = {due(owner=noa if n % 2 else None).pk: n % 2 for n in range(40)}

        for _ in range(3):
            together(sweep, 4)

        rows = dict(Message.objects.values_list("customer", "automation"))
        assert Message.objects.count() == len(expected)
        assert rows == {
            pk: core.pk if is_hers else rest.pk for pk, is_hers in expected.items()
        }


@pytest.mark.django_db(transaction=True)
def test_while_one_of_the_kind_is_edited_the_others_wait_for_the_next_tick(db):
    with registered(MailedKind()):
        automation("Rest", priority=20)
        edited = automation("Edited", priority=10)
        due()
        with transaction.atomic():
            automation_rows.lock(edited)
            counts = []
            thread = Thread(target=lambda: counts.append(alone(sweep)))
            thread.start()
            thread.join()

        assert counts == [{"test_kind": {"planned": 0, "busy": 2, "expired": 0}}]
        assert sweep()["test_kind"]["planned"] == 1


def together(work, count):
    gate = Barrier(count)

    def start():
        gate.wait()
        return work()

    threads = [Thread(target=lambda: alone(start)) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def alone(work):
    try:
        return work()
    finally:
        connection.close()


# --- Whom each would reach -----------------------------------------------------------


def test_the_forecast_counts_whom_no_other_has_first(core, rest, noa):
    for number in range(3):
        CustomerFactory(since_on=TOMORROW, owner=noa if number else None)

    assert forecast(core, now=NOW).total == 2
    assert forecast(rest, now=NOW).total == 1
    assert forecast(core, now=NOW).asked == 2


# --- New, copied, archived, deleted --------------------------------------------------


def actions():
    return list(AuditEntry.objects.order_by("id").values_list("action", "fields"))


def test_a_new_one_is_as_its_kind_suggests_and_off(db, small_kind):
    row = automation_rows.create(small_kind, name=" Core ", now=NOW)

    assert (row.kind, row.name, row.is_on, row.audience) == (
        "test_kind",
        "Core",
        False,
        "",
    )
    assert row.sweep.swept_through is None
    assert actions() == [("automation.created", [])]


def test_a_copy_has_everything_but_the_switch(core):
    Wording.objects.create(automation=core, language="he", fields={"subject": "תודה"})

    row = automation_rows.copy(core, name="Second", now=NOW)

    kept = ("audience", "send_hour", "offset_days", "life_days", "priority")
    assert {name: getattr(row, name) for name in kept} == {
        name: getattr(core, name) for name in kept
    }
    assert (row.name, row.is_on, row.switched_on_at) == ("Second", False, None)
    assert row.wordings.get().fields == {"subject": "תודה"}
    assert actions() == [("automation.copied", [])]


def test_ensuring_makes_one_only_where_there_is_none(core, rest):
    automations.ensure_automations()

    assert Automation.objects.filter(kind="test_kind").count() == 2


def test_one_that_never_ran_is_deleted(core, small_kind):
    row = automation_rows.create(small_kind, now=NOW)

    automation_rows.delete(row, now=NOW)
    automation_rows.delete(row, now=NOW)

    assert list(Automation.objects.filter(kind="test_kind")) == [core]
    assert [action for action, _ in actions()] == [
        "automation.created",
        "automation.deleted",
    ]


def test_one_that_ran_or_is_the_only_one_is_not_deleted(core, rest):
    with pytest.raises(AutomationUsed):
        automation_rows.delete(core, now=NOW)
    Automation.objects.filter(pk=core.pk).delete()
    Automation.objects.filter(pk=rest.pk).update(switched_on_at=None, is_on=False)
    with pytest.raises(AutomationUsed):
        automation_rows.delete(rest, now=NOW)

    assert Automation.objects.filter(pk=rest.pk).exists()


def test_an_archived_one_stays_off_until_it_is_restored(core):
    with pytest.raises(AutomationIsOn):
        automation_rows.archive(core, now=NOW)
    automations.switch_off(core, now=NOW)
    automation_rows.archive(core, now=NOW)
    with pytest.raises(AutomationArchived):
        automations.switch_on(core, now=NOW)

    automation_rows.restore(core, now=NOW)

    assert automations.switch_on(core, now=NOW).is_on
    assert [action for action, _ in actions()] == [
        "automation.switched_off",
        "automation.archived",
        "automation.restored",
        "automation.switched_on",
    ]


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("automation_has_name", {"name": ""}),
        ("automation_archived_is_off", {"archived_at": NOW}),
    ],
)
def test_the_database_refuses(core, name, fields):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Automation.objects.filter(pk=core.pk).update(**fields)


def test_the_command_asks_for_a_number_where_several_are_of_the_kind(core, rest):
    with pytest.raises(CommandError, match=rf"{core.pk} \(Core\), {rest.pk} \(Rest\)"):
        call_command("automation", "test_kind", "off")

    call_command("automation", str(core.pk), "off", stdout=StringIO())

    on = Automation.objects.filter(kind="test_kind", is_on=True)
    assert list(on) == [rest]


def edit(row, **changes):
    row.refresh_from_db()
    names = ("name", "audience", "send_hour", "offset_days", "life_days", "priority")
    fields = {name: getattr(row, name) for name in names}
    fields |= {"version": row.version, "params": row.params, **changes}
    return automations.edit(row, now=NOW, **fields)


def test_another_audience_plans_anew(core, noa):
    due(owner=noa)
    other = due()
    sweep()

    edit(core, audience="owner=none")
    sweep()

    assert planned() == [(other, core)]
    assert actions() == [("automation.changed", ["audience"])]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": "  "}, "required"),
        ({"audience": "colour=red"}, "unknown_filter"),
        ({"audience": "owner=999999"}, "unknown_owner"),
        ({"audience": "owner=me"}, "unknown_owner"),
        ({"audience": "open=yes"}, "unknown_filter"),
    ],
)
def test_what_no_list_shows_is_no_audience(core, fields, code):
    with pytest.raises(InvalidValue) as refused:
        edit(core, **fields)

    assert list(refused.value.fields.values()) == [code]
