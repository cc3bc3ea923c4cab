"""Which of several automations of one kind writes to whom.

Who belongs to the audiences of two automations that are on is written to by the one
that goes first: the lower priority, of two equal ones the older. The other is not due
for them, from the moment on at which the first was switched on: what fell due before
that is not sent by the first, and would not be sent at all.

Planning puts this into its statement, and the claim asks it again. Kinds know nothing
of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from psycopg.sql import SQL, Composed

from crm import audiences, selectors
from crm.models import Business
from crm.rules import dates
from messaging import kinds
from messaging.kinds import Reason
from messaging.models import Automation, Message
from messaging.sql import reach as sql
from messaging.sql.reach import GoesFirst, Reach

# What an audience is that the kind must not have: nobody is asked because of it.
NO_ONE = SQL("SELECT c.id FROM crm_customer c WHERE false").format()
LEFT_AUDIENCE = Reason("superseded_left_audience")
SWITCHED_OFF = Reason("superseded_switched_off")
ANOTHER_FIRST = Reason("superseded_another_first")


def chooses_wrongly(kind_name: str, audience: str) -> bool:
    """Whether the kind must not choose people by opinion, and the audience does."""
    kind = kinds.get(kind_name)
    if kind.may_choose_by_opinion or audience == audiences.EVERYBODY:
        return False
    return audiences.is_by_opinion(audience)


def people_of(
    kind_name: str, audience: str, *, country: str, today: date
) -> Composed | None:
    """SQL of the customers whom an audience gives an automation of the kind; None: all
    of them. `country`: of the shop, to read telephone numbers; `today`: its day."""
    if chooses_wrongly(kind_name, audience):
        return NO_ONE
    return audiences.compiled(audience, country=country, today=today)


def reach_of(automation: Automation, *, country: str, today: date) -> Reach:
    """`country`: of the shop, to read telephone numbers in audiences; `today`: its
    day."""
    of_kind = Automation.objects.filter(kind=automation.kind)
    return _reach(automation, going_first(automation, of_kind), country, today)


def going_first(
    automation: Automation, of_kind: Iterable[Automation]
) -> list[Automation]:
    """Those that are on and take people of their audiences before this one does; none
    where each of the kind stands alone."""
    kind = kinds.find(automation.kind)
    if kind is not None and kind.stands_alone:
        return []
    return sorted(
        (row for row in of_kind if row.is_on and _rank(row) < _rank(automation)),
        key=_rank,
    )


def outside(messages: Sequence[Message], now: datetime) -> dict[int, Reason]:
    """Of messages of one kind, those that another automation sends now, or none:
    message id to the reason. Their keys are free again for whoever is due then."""
    by_automation: dict[int, list[Message]] = defaultdict(list)
    for message in messages:
        if message.automation_id is not None:
            by_automation[message.automation_id].append(message)
    if not by_automation:
        return {}
    of_kind = {row.pk: row for row in Automation.objects.filter(kind=messages[0].kind)}
    found: dict[int, Reason] = {}
    for pk, group in by_automation.items():
        if not of_kind[pk].is_on:
            found |= {message.pk: SWITCHED_OFF for message in group}
            continue
        first = going_first(of_kind[pk], of_kind.values())
        if of_kind[pk].audience or first:
            found |= _outside(of_kind[pk], first, group, now)
    return found


def _outside(
    automation: Automation,
    first: Sequence[Automation],
    messages: Sequence[Message],
    now: datetime,
) -> dict[int, Reason]:
    business = selectors.business()
    found = sql.outside(
        _reach(automation, first, business.country, business.day(now)),
        ids=[message.pk for message in messages],
        customers=[message.person_id for message in messages],
        moments=[_fell_due(message, automation, business) for message in messages],
    )
    return {
        pk: ANOTHER_FIRST if is_inside else LEFT_AUDIENCE
        for pk, is_inside in found.items()
    }


def _fell_due(message: Message, automation: Automation, business: Business) -> datetime:
    """As planning works it out: `not_before` moves with each wait."""
    zone = dates.zone_of(message.person.time_zone, business.time_zone)
    return dates.moment_at(message.due_on, automation.send_hour, zone)


def _reach(
    automation: Automation, first: Iterable[Automation], country: str, today: date
) -> Reach:
    def people(row: Automation) -> Composed | None:
        return people_of(row.kind, row.audience, country=country, today=today)

    others = tuple(
        GoesFirst(people(row), row.switched_on_at)
        for row in first
        if row.switched_on_at
    )
    return Reach(people(automation), others)


def _rank(automation: Automation) -> tuple[int, int]:
    return automation.priority, automation.pk
