"""The steps of an automation, their words, and the versions that every change makes."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from crm.services import audit
from messaging import kinds, words
from messaging.errors import FirstStepStays, StepGone, TooManySteps
from messaging.models import AutomationStep, AutomationVersion
from messaging.services import automation_rows, automations, steps, wordings
from tests.factories import NOW, UserFactory
from tests.messaging.automation_rows import automation as stored
from web.errors import InvalidValue, StaleVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def series(small_kind):
    """Three steps: the first, after 3 days unless they bought, after 5 days more."""
    row = stored("Series")
    add(row, 3, ["bought"])
    add(row, 5)
    return row


def add(row, wait_days, stop_on=()):
    row.refresh_from_db()
    return steps.add(
        row, version=row.version, wait_days=wait_days, stop_on=stop_on, now=NOW
    )


def newest(row):
    return row.versions.latest("number")


def waits(row):
    return list(row.steps.order_by("position").values_list("position", "wait_days"))


def test_steps_follow_each_other_and_are_five_at_most(series):
    add(series, 1)
    add(series, 1)

    with pytest.raises(TooManySteps):
        add(series, 1)
    assert waits(series) == [(1, 0), (2, 3), (3, 5), (4, 1), (5, 1)]


def test_a_later_step_moves_with_its_words_and_the_first_one_stays(series):
    series.refresh_from_db()
    wordings.save_wording(
        series, position=3, language="en", fields={"text": "Last"}, now=NOW
    )
    series.refresh_from_db()

    steps.move(series, version=series.version, position=3, to=2, now=NOW)

    assert waits(series) == [(1, 0), (2, 5), (3, 3)]
    assert series.steps.get(position=2).wordings.get().fields == {"text": "Last"}
    series.refresh_from_db()
    with pytest.raises(FirstStepStays):
        steps.move(series, version=series.version, position=2, to=1, now=NOW)
    with pytest.raises(FirstStepStays):
        steps.remove(series, version=series.version, position=1, now=NOW)
    steps.remove(series, version=series.version, position=2, now=NOW)
    assert waits(series) == [(1, 0), (2, 3)]


def test_what_makes_no_sense_is_refused_and_what_changed_meanwhile(series):
    with pytest.raises(InvalidValue):
        add(series, 0)
    with pytest.raises(InvalidValue):
        add(series, 3, ["sneezed"])
    series.refresh_from_db()
    with pytest.raises(StaleVersion):
        steps.remove(series, version=series.version - 1, position=2, now=NOW)
    with pytest.raises(StepGone):
        wordings.save_wording(series, position=4, language="en", fields={}, now=NOW)
    with pytest.raises(InvalidValue) as refusal:
        wordings.save_wording(
            series, position=2, language="en", fields={"link": "javascript:x"}, now=NOW
        )
    assert refusal.value.fields == {"link": "not_an_address"}


@pytest.mark.parametrize(
    "values",
    [
        {"position": 6, "wait_days": 1},
        {"position": 4, "wait_days": 0},
        {"position": 4, "wait_days": 1, "stop_on": ["sneezed"]},
        {"position": 4, "wait_days": 1, "without_offer_allowed": True},
        {"position": 4, "wait_days": 1, "origin": 1},
        {"position": 3, "wait_days": 1},
    ],
)
def test_the_database_refuses_a_step_that_cannot_be(series, values):
    with pytest.raises(DatabaseError), transaction.atomic():
        AutomationStep.objects.create(automation=series, **values)


def test_every_change_makes_a_version_that_says_who_and_what(series):
    noa = UserFactory()
    series.refresh_from_db()
    with audit.acting(audit.user(noa.pk)):
        wordings.save_wording(
            series, position=2, language="he", fields={"subject": "היי"}, now=NOW
        )
        series.refresh_from_db()
        steps.change(
            series, version=series.version, position=2, wait_days=4,
            stop_on=["wrote"], has_offer=True, without_offer_allowed=True, now=NOW,
        )  # fmt: skip

    series.refresh_from_db()
    row = newest(series)
    assert (row.number, row.made_by, row.made_at) == (series.version, noa, NOW)
    assert row.content["send_hour"] == series.send_hour
    assert [step["wait_days"] for step in row.content["steps"]] == [0, 4, 5]
    assert row.content["steps"][1]["words"] == {"he": {"subject": "היי"}}
    assert row.content["steps"][1]["stop_on"] == ["wrote"]
    before = list(series.versions.values_list("number", flat=True))
    automations.switch_off(series, now=NOW)
    assert list(series.versions.values_list("number", flat=True)) == [
        before[0] + 1,
        *before,
    ]


def test_versions_stay_as_they_were_and_go_with_what_never_ran(series):
    row = newest(series)
    row.content["name"] = "Another"
    with pytest.raises(DatabaseError), transaction.atomic():
        row.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        AutomationVersion.objects.filter(pk=row.pk).delete()

    copied = automation_rows.copy(series, name="Second", now=NOW)
    assert waits(copied) == waits(series)
    automation_rows.delete(copied, now=NOW)
    assert not AutomationVersion.objects.filter(automation=copied.pk).exists()


def test_an_added_step_has_words_of_the_product_until_staff_write_their_own():
    kind = kinds.get("anniversary")

    names = [field.name for field in words.fields_of(kind, 0)]

    assert names == [
        *("subject", "preheader", "picture", "picture_alt"),
        *("heading", "text", "button", "link", "offer"),
    ]
    assert [field.name for field in words.fields_of(kind, 1)] == [
        *("subject", "preheader", "picture", "picture_alt"),
        *("thanks", "closing", "offer"),
    ]


def test_how_often_somebody_may_get_it_is_one_of_a_closed_list(series):
    series.refresh_from_db()
    for wrong in ({"reentry": "often"}, {"reentry": "after_days"}):
        with pytest.raises(InvalidValue):
            automations.edit(series, version=series.version, now=NOW, **wrong)
    row = automations.edit(
        series,
        version=series.version,
        reentry="after_days",
        reentry_days=30,
        now=NOW + timedelta(days=1),
    )
    assert (row.reentry, row.reentry_days) == ("after_days", 30)
