"""Several automations of one kind: the one that goes first writes to each person."""

import re
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from crm.models import Customer
from messaging.models import Automation, Message
from messaging.selectors.forecasts import coming as forecast
from messaging.services import automation_rows, automations, delivery, planning
from messaging.services.reach import reach_of
from messaging.sql.reach import outside
from tests.factories import CustomerFactory, UserFactory
from tests.messaging.automation_rows import automation
from tests.messaging.plain_kind import PlainKind
from tests.messaging.small_kind import SmallKind, registered

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
    settings.JOURNAL_FOLDER = tmp_path


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


def test_who_is_in_no_audience_is_written_to_by_no_automation(core):
    due()

    assert sweep()["test_kind"]["planned"] == 0


def test_of_two_equal_priorities_the_older_goes_first(rest, noa):
    older = automation("Older", priority=10)
    automation("Younger", priority=10)
    customer = due()

    sweep()

    assert planned() == [(customer, older)]


def test_one_that_is_off_takes_no_one(core, rest, noa):
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
    """Core never sends the past, so Rest sends it: entered late, due at nine today."""
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


@pytest.mark.slow
def test_planning_looks_customers_up_by_key(core, crowd):
    with CaptureQueriesContext(connection) as seen:
        sweep()

    assert_by_key(planning_statement(seen))


@pytest.mark.slow
def test_the_claim_looks_customers_up_by_key(core, crowd):
    reach = reach_of(core, country="GB", today=NOW.date())

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


def test_an_audience_that_cannot_be_read_holds_up_no_one_else(
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


def test_one_behind_others_says_who_has_its_people(core, rest, noa):
    for number in range(3):
        CustomerFactory(since_on=TOMORROW, owner=noa if number else None)
    behind = automation("Behind", priority=30)

    found = forecast(behind, now=NOW)
    assert found.total == 0
    assert [(one.automation, one.mails) for one in found.taken] == [
        (core, 2),
        (rest, 1),
    ]

    Automation.objects.filter(pk=behind.pk).update(audience=f"owner={noa.pk}")
    behind.refresh_from_db()
    found = forecast(behind, now=NOW)
    assert [(one.automation, one.mails) for one in found.taken] == [(core, 2)]
    assert forecast(core, now=NOW).taken == []
