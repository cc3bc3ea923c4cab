"""What staff may tune, and what becomes of planned mails when they do."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django import forms

from crm.models import AuditEntry
from messaging.kinds import WordingField
from messaging.models import Automation, Message
from messaging.services import automations, planning, wordings
from tests.factories import CustomerFactory
from tests.messaging.small_kind import SmallKind, registered
from web.errors import InvalidValue, StaleVersion

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TOMORROW = date(2026, 11, 22)


class OffsetForm(forms.Form):
    minimum = forms.IntegerField(min_value=1)


class TunedKind(SmallKind):
    default_params = {"minimum": 3}
    params_form = OffsetForm
    wording = (
        WordingField("subject", "Subject", "Hello {first_name}", ("first_name",)),
        WordingField("intro", "Text", "", ("product",), long=True),
    )


@pytest.fixture
def automation(db):
    with registered(TunedKind()):
        automations.ensure_automations()
        yield Automation.objects.get(kind="test_kind")


@pytest.fixture
def running(automation):
    return automations.switch_on(automation, now=NOW - DAY)


def edit(automation, **changes):
    automation.refresh_from_db()
    fields = {
        name: getattr(automation, name)
        for name in (
            "name",
            "audience",
            "send_hour",
            "offset_days",
            "life_days",
            "params",
        )
    }
    fields |= {"version": automation.version, **changes}
    return automations.edit(automation, now=NOW, **fields)


def planned_tomorrow():
    CustomerFactory(since_on=TOMORROW)
    planning.sweep(now=NOW, kinds=["test_kind"])
    return Message.objects.get()


# --- On and off ----------------------------------------------------------------------


def test_every_kind_has_one_automation_switched_off(automation):
    automations.ensure_automations()

    (row,) = Automation.objects.filter(kind="test_kind")
    assert (row.name, row.is_on, row.send_hour) == ("Test kind", False, 9)
    assert row.params == {"minimum": 3}
    assert row.sweep.swept_through is None


def test_ensuring_again_keeps_what_staff_changed(automation):
    edit(automation, send_hour=15)

    automations.ensure_automations()

    automation.refresh_from_db()
    assert automation.send_hour == 15


def test_switching_on_twice_keeps_the_first_moment(automation):
    automations.switch_on(automation, now=NOW)
    automations.switch_on(automation, now=NOW + DAY)

    automation.refresh_from_db()
    assert (automation.is_on, automation.switched_on_at) == (True, NOW)
    assert AuditEntry.objects.filter(action="automation.switched_on").count() == 1


def test_switching_off_takes_planned_mails_along(running):
    message = planned_tomorrow()

    automations.switch_off(running, now=NOW)

    message.refresh_from_db()
    assert (message.state, message.reason_code) == ("superseded", "automation_off")


def test_off_and_on_again_plans_those_who_are_still_to_come(running):
    planned_tomorrow()
    CustomerFactory(since_on=NOW.date())
    automations.switch_off(running, now=NOW)
    automations.switch_on(running, now=NOW)

    planning.sweep(now=NOW, kinds=["test_kind"])

    assert [m.due_on for m in Message.objects.filter(state="planned")] == [TOMORROW]


# --- Edits ---------------------------------------------------------------------------


def test_another_hour_moves_what_is_planned(running):
    message = planned_tomorrow()

    edit(running, send_hour=15, life_days=2)

    message.refresh_from_db()
    assert message.not_before == datetime(2026, 11, 22, 15, tzinfo=UTC)
    assert message.expires_at == message.not_before + 2 * DAY


@pytest.mark.parametrize("change", [{"offset_days": 3}, {"params": {"minimum": 5}}])
def test_another_rule_plans_anew(running, change):
    message = planned_tomorrow()

    edit(running, **change)
    message.refresh_from_db()
    assert message.state == "superseded"

    planning.sweep(now=NOW, kinds=["test_kind"])
    assert Message.objects.filter(state="planned").count() == 1


def test_saving_nothing_new_changes_nothing(running):
    message = planned_tomorrow()
    version = running.version

    assert edit(running).version == version
    message.refresh_from_db()
    assert message.state == "planned"


def test_two_people_at_once_are_reported(running):
    edit(running, send_hour=10)

    with pytest.raises(StaleVersion):
        edit(running, version=running.version, send_hour=11)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"send_hour": 24}, "send_hour"),
        ({"life_days": 0}, "life_days"),
        ({"life_days": 61}, "life_days"),
        ({"offset_days": -61}, "offset_days"),
        ({"params": {"minimum": 0}}, "minimum"),
        ({"params": {}}, "minimum"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(running, change, field):
    with pytest.raises(InvalidValue) as refusal:
        edit(running, **change)

    assert list(refusal.value.fields) == [field]


# --- Wording -------------------------------------------------------------------------


def word(automation, **fields):
    return wordings.save_wording(automation, language="he", fields=fields, now=NOW)


def test_wording_is_kept_per_language_and_counts_its_versions(automation):
    word(automation, subject="Hi {first_name}", intro="")
    row = word(automation, subject="Shalom {first_name}")

    assert (row.fields, row.version) == ({"subject": "Shalom {first_name}"}, 2)
    assert word(automation, subject="Shalom {first_name}").version == 2


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"subject": "{password}"}, "subject", "unknown_placeholder"),
        ({"subject": "Hi {first_name|upper}"}, "subject", "template_code"),
        ({"intro": "Hi {{ customer.name|upper }}"}, "intro", "template_code"),
        ({"intro": "{% if shop %}x{% endif %}"}, "intro", "template_code"),
        ({"headline": "x"}, "headline", "unknown_field"),
        ({"subject": "a\nBcc: x@y.zz"}, "subject", None),
        ({"subject": "x" * 201}, "subject", None),
    ],
)
def test_wording_that_cannot_be_sent_is_refused_when_saved(
    automation, fields, field, code
):
    with pytest.raises(InvalidValue) as refusal:
        word(automation, **fields)

    assert field in refusal.value.fields
    assert code in {None, refusal.value.fields[field]}


def test_a_language_we_do_not_have_is_refused(automation):
    with pytest.raises(InvalidValue):
        wordings.save_wording(automation, language="tlh", fields={}, now=NOW)
