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
from datetime import datetime

from psycopg.sql import SQL, Composable

from crm import selectors
from crm.models import Business
from messaging import kinds
from messaging.models import Automation, Forecast
from messaging.rules.choices import Category
from messaging.rules.send_decision import SAME_ADDRESS_FOR
from messaging.services import (
    counted_mails,
    forecast_basis,
    forecast_mails,
    gifts,
    last_words,
    permission,
    suppression,
)
from messaging.services.forecast_simulation import outcomes
from messaging.services.reach import people_of
from messaging.sql import forecast as sql
from messaging.sql import (
    forecast_chosen,
    forecast_everybody,
    forecast_people,
    forecast_rows,
)
from messaging.sql.forecast_beside import Beside
from messaging.sql.forecast_everybody import Known
from messaging.sql.forecast_people import Shop
from messaging.sql.reach import inside

# Those whose public holidays a page shows.
MOST_COUNTRIES = 8


def work_out(
    automation: Automation | None, *, now: datetime, again: bool = False
) -> Forecast:
    """Work out and keep one forecast, in the transaction of the caller: of everything
    that is on, or of one automation that is off, beside that. `again`: people whose
    number was looked at with the same settings this week keep what was found."""
    started = time.monotonic()
    business = selectors.business()
    running = switched_on()
    asked = running if automation is None else [automation]
    sql.begin()
    later = {each.pk: kinds.get(each.kind).put_off_ahead(each, now) for each in asked}
    by_day = [
        each for each in asked if forecast_mails.goes_by_day(each, later[each.pk], now)
    ]
    to_all = [each for each in by_day if forecast_mails.goes_to_all(each, now)]
    for each in asked:
        if each not in by_day:
            forecast_mails.add_due(each, business, now=now)
        elif each not in to_all:
            forecast_mails.count_due(each, business, now=now)
        if automation is None:
            forecast_mails.add_planned(each, business, now=now)
        forecast_mails.add_following(each, business, now=now)
    for each in asked:
        _refuse(each, now)
    # Several may wait for the same places, and what is refused takes none.
    for each in asked:
        sql.put_off(later[each.pk])
    beside = _beside(automation, running, business, now=now) if automation else None
    basis = "" if automation else forecast_basis.of(running, business, now=now)
    kept = Forecast.objects.filter(automation=None, basis=basis, made_at__lte=now)
    reused = kept.first() if again and basis else None
    _choose(by_day, to_all, beside, business, kept=reused, now=now)
    _decide(business, now=now)
    found, _ = Forecast.objects.update_or_create(
        automation=automation, defaults={"made_at": now, "seconds": 0, "basis": basis}
    )
    forecast_rows.keep(found.pk, today=business.day(now))
    found.seconds = time.monotonic() - started
    if reused is None:
        found.countries = forecast_people.countries(MOST_COUNTRIES)
    found.save(update_fields=["seconds", "countries"])
    return found


def switched_on() -> list[Automation]:
    """Those whose mails are coming, of kinds that the code still knows."""
    known = [kind.name for kind in kinds.swept_kinds()]
    return list(Automation.objects.filter(is_on=True, kind__in=known))


def _refuse(automation: Automation, now: datetime) -> None:
    """Of its mails that are written down by now."""
    sql.refuse(automation.pk, kinds.get(automation.kind).refused_ahead(automation, now))
    sql.refuse(automation.pk, gifts.refused_ahead(automation, now))


def _choose(
    by_day: Sequence[Automation],
    to_all: Sequence[Automation],
    beside: Beside | None,
    business: Business,
    *,
    kept: Forecast | None,
    now: datetime,
) -> None:
    """Choose one of all who fare alike, and add what goes to them `by_day`, be it
    `to_all` or not."""
    rules = counted_mails.budget_rules()
    forecast_everybody.note(sharing=beside is not None)
    forecast_everybody.read(
        [forecast_mails.to_all(each, business, now=now) for each in to_all],
        Known(
            now=now,
            address_key=suppression.address_key(),
            one_record=sorted(last_words.FOR_ONE_RECORD),
            counted_for=max([SAME_ADDRESS_FOR, *(rule.window for rule in rules)]),
        ),
    )
    forecast_mails.tell_apart(by_day, now=now)
    if beside:
        beside.tell_apart()
    forecast_everybody.number()
    forecast_chosen.choose(
        kept=kept.pk if kept else None, now=now, today=business.day(now)
    )
    chosen = forecast_chosen.chosen()
    for each in by_day:
        forecast_mails.add_chosen(each, business, chosen=chosen, now=now)
        _refuse(each, now)
    if beside:
        beside.add()


def _beside(
    automation: Automation,
    running: Sequence[Automation],
    business: Business,
    *,
    now: datetime,
) -> Beside | None:
    """What else is coming to the people whom this one would write to."""
    plan = Forecast.objects.filter(automation=None).first()
    if plan is None:
        return None
    behind = [
        each.pk
        for each in running
        if each.kind == automation.kind
        and (each.priority, each.pk) > (automation.priority, automation.pk)
    ]
    return Beside(
        plan.pk,
        behind=behind,
        in_audience=_in_audience(automation, business, now=now),
        reminders=[kind.name for kind in kinds.swept_kinds() if kind.is_reminder],
        odd=[
            each.pk
            for each in running
            if forecast_mails.is_in_the_night(each, business)
        ],
        now=now,
    )


def _in_audience(
    automation: Automation, business: Business, *, now: datetime
) -> Composable:
    """`AND ...` of the SQL that finds the others; nothing where it is for everybody."""
    people = people_of(
        automation.kind,
        automation.audience,
        country=business.country,
        today=business.day(now),
    )
    if people is None:
        return SQL("")
    return SQL("AND {}").format(inside(people, SQL("person.id")))


def _decide(business: Business, *, now: datetime) -> None:
    rules = counted_mails.budget_rules()
    forecast_people.look(
        Shop(
            now=now,
            bases={
                Category.SURVEY.value: business.survey_basis,
                Category.LOYALTY.value: business.loyalty_basis,
            },
            codes={
                reason.value: code.value for reason, code in permission.CODES.items()
            },
            rules=rules,
        )
    )
    # All of them first: the connection is busy while they are written.
    found = list(
        outcomes(business, key=suppression.address_key(), rules=rules, now=now)
    )
    forecast_rows.write_outcomes(found)
