"""What becomes of all mails of the next 60 days, as things stand.

Every forecast is worked out by `work_out`: what planning would plan, and what the claim
would decide about it, one mail after another. A task keeps the one of everything that
is on, and one for each automation that is off and was asked for; pages read what is
kept. A small shop's page works it out itself where that is older than a change, and
takes everything back.

Later steps are foreseen on the days on which they go if the ones before go as foreseen:
none where an earlier one does not go, or a rule has stopped the run already. Where not
everybody may begin, only the first of several occasions of a person counts.

What nobody can know is left out: orders, answers and withdrawals of the days ahead, and
the mails that follow from them.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db.models import Max, Min
from psycopg.sql import SQL, Composable

from crm import audiences, selectors
from crm.models import Business
from crm.rules import dates
from messaging import kinds
from messaging.kinds import Window
from messaging.models import Automation, Forecast, Message
from messaging.rules.choices import Category, State
from messaging.rules.resting import shut
from messaging.rules.send_decision import SAME_ADDRESS_FOR
from messaging.services import (
    counted_mails,
    gifts,
    last_words,
    permission,
    runs,
    suppression,
)
from messaging.services.forecast_simulation import outcomes
from messaging.services.reach import chooses_wrongly, reach_of
from messaging.sql import entry, forecast_patterns, forecast_people, forecast_rows
from messaging.sql import forecast as sql
from messaging.sql.due import found_by, times_of
from messaging.sql.forecast import Odd
from messaging.sql.forecast_people import Shop
from messaging.sql.forecast_steps import Stop, following
from messaging.sql.reach import Reach, inside

DAYS = 60
# Those whose public holidays a page shows.
MOST_COUNTRIES = 8


def work_out(automation: Automation | None, *, now: datetime) -> Forecast:
    """Work out and keep one forecast, in the transaction of the caller: of everything
    that is on, or of one automation that is off, beside that."""
    started = time.monotonic()
    business = selectors.business()
    running = switched_on()
    sql.begin()
    if automation is None:
        for each in running:
            _add_due(each, business, now=now)
            _add_planned(each, business, now=now)
            _add_following(each, business, now=now)
    else:
        _add_due(automation, business, now=now)
        _add_following(automation, business, now=now)
        _add_beside(automation, running, business, now=now)
    foreseen = running if automation is None else [automation]
    for each in foreseen:
        sql.refuse(kinds.get(each.kind).refused_ahead(each, now))
        sql.refuse(gifts.refused_ahead(each, now))
    # Several may wait for the same places, and what is refused takes none.
    for each in foreseen:
        sql.put_off(kinds.get(each.kind).put_off_ahead(each, now))
    _decide(business, now=now)
    found, _ = Forecast.objects.update_or_create(
        automation=automation, defaults={"made_at": now, "seconds": 0}
    )
    forecast_rows.keep(found.pk, today=business.day(now))
    found.seconds = time.monotonic() - started
    found.countries = forecast_people.countries(MOST_COUNTRIES)
    found.save(update_fields=["seconds", "countries"])
    return found


def span(business: Business, now: datetime, days: int = DAYS) -> tuple[date, date]:
    """The first and the last day of a forecast, by the shop's calendar."""
    today = business.day(now)
    return today, today + timedelta(days=days - 1)


def switched_on() -> list[Automation]:
    """Those whose mails are coming, of kinds that the code still knows."""
    known = [kind.name for kind in kinds.swept_kinds()]
    return list(Automation.objects.filter(is_on=True, kind__in=known))


def _add_due(automation: Automation, business: Business, *, now: datetime) -> None:
    kind = kinds.get(automation.kind)
    window = _window(automation, now)
    steps = list(automation.steps.order_by("position"))
    has_runs = len(steps) > 1
    is_limited = entry.is_limited(automation, has_runs=has_runs)
    found = found_by(
        kind,
        automation,
        window,
        due=kind.due_ahead(automation, window, now),
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
        begins=entry.who_may(automation, has_runs=has_runs),
    )
    if found is not None:
        sql.add_due(
            replace(found, params=found.params | entry.parameters(automation)),
            gathers=bool(kind.gathers),
            only_first=is_limited,
            has_runs=has_runs,
            odd=_odd(automation, business, window.first_on, window.last_on),
            last_on=span(business, now)[1],
        )


def _add_following(
    automation: Automation, business: Business, *, now: datetime
) -> None:
    """The later steps of whoever is under way, or begins in these days."""
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


def _window(automation: Automation, now: datetime) -> Window:
    # The last day ends later somewhere on earth than in the shop.
    until = now + timedelta(days=DAYS + 1)
    return Window(after=now, until=until, hour=automation.send_hour)


def _add_planned(automation: Automation, business: Business, *, now: datetime) -> None:
    waiting = Message.objects.filter(automation=automation, state=State.PLANNED.value)
    days = waiting.aggregate(first=Min("due_on"), last=Max("due_on"))
    if days["first"] is not None:
        sql.add_planned(
            times_of(automation, days["first"], days["last"], business),
            odd=_odd(automation, business, days["first"], days["last"]),
            now=now,
        )


def _add_beside(
    automation: Automation,
    running: Sequence[Automation],
    business: Business,
    *,
    now: datetime,
) -> None:
    """What else is coming to the people whom this one would write to."""
    plan = Forecast.objects.filter(automation=None).first()
    if plan is None:
        return
    behind = [
        each.pk
        for each in running
        if each.kind == automation.kind
        and (each.priority, each.pk) > (automation.priority, automation.pk)
    ]
    sql.add_beside(
        plan.pk,
        behind=behind,
        in_audience=_in_audience(automation, business, now=now),
        reminders=[kind.name for kind in kinds.swept_kinds() if kind.is_reminder],
        odd=[each.pk for each in running if _is_in_the_night(each, business)],
        now=now,
    )


def _in_audience(
    automation: Automation, business: Business, *, now: datetime
) -> Composable:
    """`AND ...` of the SQL that finds the others; nothing where it is for everybody."""
    if chooses_wrongly(automation.kind, automation.audience):
        return SQL("AND false")
    people = audiences.compiled(
        automation.audience, country=business.country, today=business.day(now)
    )
    if people is None:
        return SQL("")
    return SQL("AND {}").format(inside(people, SQL("kept.customer_id")))


def _odd(
    automation: Automation, business: Business, first_on: date, last_on: date
) -> Odd:
    allowed, life = automation.allowed, automation.life_days
    return Odd(
        _is_in_the_night(automation, business), shut(allowed, first_on, last_on, life)
    )


def _is_in_the_night(automation: Automation, business: Business) -> bool:
    """Whether its hour is in the quiet hours: then none of it goes at its moment."""
    kind = kinds.get(automation.kind)
    return kind.category_of(
        automation
    ) is not Category.TRANSACTIONAL and dates.is_quiet(
        automation.send_hour, business.quiet_from, business.quiet_until
    )


def _decide(business: Business, *, now: datetime) -> None:
    rules = counted_mails.budget_rules()
    key = suppression.address_key()
    forecast_people.look(
        Shop(
            now=now,
            address_key=key,
            bases={
                Category.SURVEY.value: business.survey_basis,
                Category.LOYALTY.value: business.loyalty_basis,
            },
            codes={
                reason.value: code.value for reason, code in permission.CODES.items()
            },
            one_record=sorted(last_words.FOR_ONE_RECORD),
            rules=rules,
            counted_for=max([SAME_ADDRESS_FOR, *(rule.window for rule in rules)]),
        )
    )
    forecast_patterns.find()
    # All of them first: the connection is busy while they are written.
    found = list(outcomes(business, key=key, rules=rules, now=now))
    forecast_rows.write_outcomes(found)
    forecast_patterns.spread()
