"""The mails that are due to people of an automation from those before it."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from crm import selectors
from messaging.models import Automation, Forecast, ForecastDay
from messaging.services.reach import going_first, people_of
from messaging.sql.forecast_list import mails_within


@dataclass(frozen=True)
class Taken:
    """So many mails to people of an automation's audience are due from one of its kind
    that stands before it, whatever becomes of each."""

    automation: Automation
    mails: int


def taken(automation: Automation, *, first: date, last: date) -> list[Taken]:
    """By each that goes before this one, in their order, on these days; by what is kept
    of everything that is on."""
    before = going_first(
        automation, Automation.objects.filter(kind=automation.kind, is_on=True)
    )
    plan = Forecast.objects.filter(automation=None).first() if before else None
    if plan is None:
        return []
    ids = [one.pk for one in before]
    business = selectors.business()
    people = people_of(
        automation.kind, automation.audience, country=business.country, today=first
    )
    if people is None:
        days = ForecastDay.objects.filter(
            forecast=plan, automation__in=ids, day__range=(first, last)
        )
        found = dict(days.values_list("automation").annotate(Sum("mails")))
    else:
        found = mails_within(
            people, forecast=plan.pk, automations=ids, first=first, last=last
        )
    return [Taken(one, found[one.pk]) for one in before if one.pk in found]
