"""Automations whose audience is a segment."""

import pytest

from crm import audiences
from crm.models import Customer
from crm.services import segments
from messaging.models import Automation, Message
from messaging.services import automations, planning
from messaging.services.delivery import deliver
from tests.factories import NOW, CustomerFactory
from web.errors import InvalidValue

pytestmark = pytest.mark.django_db
ANNIVERSARY, REVIEW = "anniversary", "review_request"


def segment(name, **condition):
    conditions = {"match": "all", "parts": [condition]}
    return segments.create(name=name, conditions=conditions, by=None, now=NOW)


def german(name="German"):
    return segment(name, field="country", **{"is": "any_of"}, values=["DE"])


def content(name="Content"):
    return segment(name, field="survey.band", **{"is": "any_of"}, values=["promoter"])


def first(kind):
    return Automation.objects.get(kind=kind)


def edit(automation, audience):
    automation.refresh_from_db()
    names = ("name", "send_hour", "offset_days", "life_days", "version")
    kept = {name: getattr(automation, name) for name in names}
    return automations.edit(
        automation, **kept, audience=audience, params=automation.params, now=NOW
    )


def test_the_sentence_names_the_segment():
    query = audiences.checked(f"segment={german().pk}")

    assert audiences.in_words(query) == "Customers, in “German”"


def test_an_unknown_segment_is_refused():
    with pytest.raises(InvalidValue):
        audiences.checked("segment=999999")


def test_who_left_between_planning_and_sending_gets_nothing(settings):
    Customer.objects.all().delete()
    inside = CustomerFactory(country="DE", since_on=NOW.date().replace(year=2020))
    CustomerFactory(country="AT", since_on=NOW.date().replace(year=2020))
    leaver = CustomerFactory(country="DE", since_on=NOW.date().replace(year=2021))
    row = edit(first(ANNIVERSARY), f"segment={german().pk}")
    automations.switch_on(row, now=NOW.replace(hour=0))
    planning.sweep(now=NOW.replace(hour=1))
    planned = Message.objects.values_list("customer_id", flat=True)
    assert set(planned) == {inside.pk, leaver.pk}

    Customer.objects.filter(pk=leaver.pk).update(country="AT")
    deliver(now=NOW, seconds=10)

    ended = Message.objects.get(customer=leaver)
    assert (ended.state, ended.reason_code) == (
        "superseded",
        "superseded_left_audience",
    )
    assert Message.objects.get(customer=inside).state == "sent"


@pytest.mark.parametrize("is_direct", [True, False], ids=["itself", "through another"])
def test_reviews_are_not_asked_by_opinion(is_direct):
    row = content()
    if not is_direct:
        row = segment("In", field="segment", **{"is": "any_of"}, values=[str(row.pk)])

    with pytest.raises(InvalidValue) as refused:
        edit(first(REVIEW), f"segment={row.pk}")

    assert refused.value.fields == {"audience": "audience_by_opinion"}
    assert edit(first(ANNIVERSARY), f"segment={row.pk}").audience


def test_a_segment_that_reviews_use_cannot_become_an_opinion():
    row = german()
    edit(first(REVIEW), f"segment={row.pk}")

    with pytest.raises(InvalidValue) as refused:
        segments.change(
            row,
            name=row.name,
            conditions=content().conditions,
            version=row.version,
            now=NOW,
        )

    assert refused.value.fields == {"conditions": "segment_by_opinion"}
    assert [use.label for use in segments.uses_of(row)] == [str(first(REVIEW))]


def test_an_opinion_that_came_past_the_services_chooses_nobody():
    row = german()
    audience = edit(first(REVIEW), f"segment={row.pk}").audience
    from messaging.services.reach import NO_ONE, reach_of

    def reach():
        return reach_of(first(REVIEW), country="GB", today=NOW.date()).audience

    assert reach() != NO_ONE
    type(row).objects.filter(pk=row.pk).update(conditions=content().conditions)

    assert audience
    assert reach() == NO_ONE
