"""Automations are made, copied, put away and deleted, each with an audit row."""

from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from crm.models import AuditEntry
from messaging.errors import AutomationArchived, AutomationIsOn, AutomationUsed
from messaging.models import Automation, Message, Wording
from messaging.services import automation_rows, automations, planning
from tests.factories import CustomerFactory, UserFactory
from tests.messaging.automation_rows import automation
from web.errors import InvalidValue

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TOMORROW = date(2026, 11, 22)


@pytest.fixture
def noa(db):
    return UserFactory(name="Noa")


@pytest.fixture
def core(db, small_kind, noa):
    return automation("Core", priority=10, audience=f"owner={noa.pk}")


@pytest.fixture
def rest(db, small_kind):
    return automation("Rest", priority=20)


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
    Wording.objects.create(
        step=core.steps.get(), language="he", fields={"subject": "תודה"}
    )

    row = automation_rows.copy(core, name="Second", now=NOW)

    kept = ("audience", "send_hour", "offset_days", "life_days", "weekdays", "rests")
    assert {name: getattr(row, name) for name in kept} == {
        name: getattr(core, name) for name in kept
    }
    assert (row.name, row.is_on, row.switched_on_at) == ("Second", False, None)
    assert row.steps.get().wordings.get().fields == {"subject": "תודה"}
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
    Automation.objects.update(switched_on_at=None, is_on=False)
    Automation.objects.filter(pk=core.pk).delete()
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
    names = ("name", "audience", "send_hour", "offset_days", "life_days")
    fields = {name: getattr(row, name) for name in names}
    fields |= {"version": row.version, "params": row.params, **changes}
    return automations.edit(row, now=NOW, **fields)


def test_another_audience_plans_anew(core, noa):
    CustomerFactory(since_on=TOMORROW, owner=noa)
    other = CustomerFactory(since_on=TOMORROW)
    planning.sweep(now=NOW, kinds=["test_kind"])

    edit(core, audience="owner=none")
    planning.sweep(now=NOW, kinds=["test_kind"])

    (row,) = Message.objects.filter(state="planned")
    assert (row.customer, row.automation) == (other, core)
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
