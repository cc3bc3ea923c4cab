"""The mails of an automation in the days ahead, as planning would find them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.core.exceptions import EmptyResultSet
from django.db.models import Max, Min
from psycopg.sql import SQL

from crm.models import Business
from crm.rules import dates
from messaging import kinds
from messaging.kinds import Due, Window
from messaging.models import Automation, Message
from messaging.rules.choices import Category, State
from messaging.rules.resting import shut
from messaging.services import runs
from messaging.services.reach import reach_of
from messaging.sql import entry_rules, forecast_by_day, forecast_chosen
from messaging.sql import forecast as sql
from messaging.sql.due import found_by, named, statement_of, times_of
from messaging.sql.forecast import Odd
from messaging.sql.forecast_everybody import ToAll
from messaging.sql.forecast_steps import Stop, following
from messaging.sql.reach import Reach, condition, of_audience, within

DAYS = 60


def span(business: Business, now: datetime, days: int = DAYS) -> tuple[date, date]:
    """The first and the last day of a forecast, by the shop's calendar."""
    today = business.day(now)
    return today, today + timedelta(days=days - 1)


def goes_by_day(automation: Automation, later: Due | None, now: datetime) -> bool:
    """Whether what becomes of its mails hangs on their day and the person alone;
    `later`: what its kind says of those that wait for a place."""
    kind = kinds.get(automation.kind)
    return (
        not kind.gathers
        and not automation.holdout_percent
        and not automation.steps.exclude(gift=None).exists()
        and later is None
        and (
            kind.refused_ahead(automation, now) is None
            or kind.apart_ahead(automation, now) is not None
        )
    )


def goes_to_all(automation: Automation, now: datetime) -> bool:
    """Whether it asks nothing else of people but their audience, either."""
    kind = kinds.get(automation.kind)
    return (
        bool(kind.due_to_all(automation, _window(automation, now)))
        and not entry_rules.is_limited(automation, has_runs=False)
        and not automation.steps.filter(position__gt=1).exists()
    )


def count_due(automation: Automation, business: Business, *, now: datetime) -> None:
    """The mails of one that goes by their day, for the numbers of people alone."""
    kind, window = kinds.get(automation.kind), _window(automation, now)
    reach = reach_of(automation, country=business.country, today=business.day(now))
    has_runs = automation.steps.filter(position__gt=1).exists()
    try:
        asked = named(*statement_of(kind.due_ahead(automation, window, now)))
    except EmptyResultSet:
        return
    forecast_by_day.count(
        of_audience(kind, SQL(asked.sql), reach),
        reached=within(kind, reach, customer=SQL("due.customer_id"), moment=None),
        begins=entry_rules.condition(
            automation,
            has_runs=has_runs,
            customer=SQL("due.customer_id"),
            day=SQL("due.due_on"),
            occurrence=SQL("due.occurrence"),
        ),
        first_on=window.first_on,
        last_on=span(business, now)[1],
        params={
            "automation": automation.pk,
            "kind": kind.name,
            "prefix": kind.occurrence_prefix(automation),
            **asked.params,
            **entry_rules.parameters(automation),
        },
    )


def tell_apart(automations: Sequence[Automation], *, now: datetime) -> None:
    """Note what the refusals of those hang on that go by the day of their mails: once
    for all that ask the same."""
    asking: dict[Due, list[int]] = defaultdict(list)
    for each in automations:
        if apart := kinds.get(each.kind).apart_ahead(each, now):
            asking[Due(apart.sql, tuple(apart.params))].append(each.pk)
    for apart, ids in asking.items():
        forecast_by_day.tell_apart(ids, apart)


def to_all(automation: Automation, business: Business, *, now: datetime) -> ToAll:
    """What tells people apart in whether they get its mail."""
    reach = reach_of(automation, country=business.country, today=business.day(now))
    kind = kinds.get(automation.kind)
    window, last_on = _window(automation, now), span(business, now)[1]
    due = kind.due_to_all(automation, window) or {}
    prefix = kind.occurrence_prefix(automation)
    return ToAll(
        automation.pk,
        automation.kind,
        [f"{prefix}{occurrence}" for occurrence in due],
        condition(reach, customer=SQL("c.id"), moment=None),
        [day for day in due.values() if window.first_on <= day <= last_on],
    )


def add_due(
    automation: Automation,
    business: Business,
    *,
    now: datetime,
    chosen: Sequence[int] | None = None,
) -> None:
    """What is due and not planned yet; `chosen`: to these customers alone."""
    kind = kinds.get(automation.kind)
    window = _window(automation, now)
    steps = list(automation.steps.order_by("position"))
    has_runs = len(steps) > 1
    is_limited = entry_rules.is_limited(automation, has_runs=has_runs)
    due = kind.due_ahead(automation, window, now)
    found = found_by(
        kind,
        automation,
        window,
        due=due if chosen is None else forecast_chosen.of_chosen(due, chosen),
        reach=reach_of(automation, country=business.country, today=business.day(now)),
        business=business,
        now=now,
        with_ground=False,
        category=kind.step_category(
            automation,
            has_offer=any(
                step.has_offer and not step.without_offer_allowed for step in steps[:1]
            ),
        ),
        begins=entry_rules.who_may(automation, has_runs=has_runs),
    )
    if found is not None:
        sql.add_due(
            replace(found, params=found.params | entry_rules.parameters(automation)),
            gathers=bool(kind.gathers),
            only_first=is_limited,
            has_runs=has_runs,
            odd=_odd(automation, business, window.first_on, window.last_on),
            last_on=span(business, now)[1],
        )


def add_chosen(
    automation: Automation,
    business: Business,
    *,
    chosen: Sequence[int],
    now: datetime,
) -> None:
    """All that is due of one that goes by its days, to those who are looked at."""
    behind = forecast_by_day.last_mail()
    add_due(automation, business, now=now, chosen=chosen)
    add_following(automation, business, now=now, behind=behind)


def add_following(
    automation: Automation, business: Business, *, now: datetime, behind: int = 0
) -> None:
    """The later steps of whoever is under way, or begins in these days. `behind`: of
    mails alone that were added after the one of this id."""
    kind, window = kinds.get(automation.kind), _window(automation, now)
    newest = automation.versions.order_by("-number").first()
    if newest is None or not automation.steps.filter(position__gt=1).exists():
        return
    stops = [
        Stop(rule.value, holds, version)
        for rule, holds, version in runs.rules_of(automation, window, now)
    ]
    for is_offer in (False, True):
        found = found_by(
            kind,
            automation,
            window,
            due=following(
                automation.pk,
                newest=newest.pk,
                stops=stops,
                is_offer=is_offer,
                first_on=window.first_on,
                last_on=window.last_on,
                behind=behind,
            ),
            reach=Reach(),
            business=business,
            now=now,
            with_ground=False,
            category=kind.step_category(automation, has_offer=is_offer),
        )
        if found is not None:
            sql.add_following(
                found,
                odd=_odd(automation, business, window.first_on, window.last_on),
                last_on=span(business, now)[1],
            )


def add_planned(automation: Automation, business: Business, *, now: datetime) -> None:
    """What waits already."""
    waiting = Message.objects.filter(automation=automation, state=State.PLANNED.value)
    days = waiting.aggregate(first=Min("due_on"), last=Max("due_on"))
    if days["first"] is not None:
        sql.add_planned(
            times_of(automation, days["first"], days["last"], business),
            odd=_odd(automation, business, days["first"], days["last"]),
            now=now,
        )


def _window(automation: Automation, now: datetime) -> Window:
    # The last day ends later somewhere on earth than in the shop.
    until = now + timedelta(days=DAYS + 1)
    return Window(after=now, until=until, hour=automation.send_hour)


def _odd(
    automation: Automation, business: Business, first_on: date, last_on: date
) -> Odd:
    allowed, life = automation.allowed, automation.life_days
    return Odd(
        is_in_the_night(automation, business), shut(allowed, first_on, last_on, life)
    )


def is_in_the_night(automation: Automation, business: Business) -> bool:
    """Whether its hour is in the quiet hours: then none of it goes at its moment."""
    kind = kinds.get(automation.kind)
    return kind.category_of(
        automation
    ) is not Category.TRANSACTIONAL and dates.is_quiet(
        automation.send_hour, business.quiet_from, business.quiet_until
    )
