"""What a programme would have given for the orders of a past time. Nothing is written,
and it is reckoned by the functions that earn."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from crm import selectors
from loyalty.choices import EarnEvent
from loyalty.models import Programme, Reward, RuleVersion
from loyalty.rules.programmes import earning
from loyalty.services.programmes import rules
from loyalty.services.programmes.order_earning import order_facts, scope_of
from loyalty.services.programmes.slices import assumed_days
from loyalty.sql import members as members_sql
from loyalty.sql import programme_orders as sql
from loyalty.sql.programme_orders import Facts
from web.rules import money

_SLICE = 2_000
# More are not read while somebody waits; the page says that there are more.
MOST_CUSTOMERS = 50_000
_NOTHING = Decimal(0)


@dataclass
class Forecast:
    """`units` that `members` of all `buyers` would have earned in `orders`; `goods`:
    what they bought and kept, in the currency of the programme. `worth`: what the units
    pay, or what the first reward costs for each full price of it. Orders in currencies
    of no rule earn nothing: `others` by currency. `left_out`: buyers not read."""

    since: date
    until: date
    currency: str
    buyers: int = 0
    members: int = 0
    orders: int = 0
    units: Decimal = _NOTHING
    goods: Decimal = _NOTHING
    worth: Decimal | None = None
    rewards: int = 0
    others: dict[str, int] = field(default_factory=dict)
    left_out: int = 0
    # The reward whose cost is not known, so that there is no `worth`.
    without_cost: Reward | None = None
    # The reward whose cost is in another currency, so that there is no `worth`.
    costs_elsewhere: Reward | None = None
    # Whether a rule counts another currency than the programme's, so that what it costs
    # is no share of what was bought.
    earns_elsewhere: bool = False
    # The ids of those who would have most, and how much.
    first: list[tuple[int, Decimal]] = field(default_factory=list)

    @property
    def discount(self) -> Decimal | None:
        """The price cut that it amounts to, in percent of what was bought."""
        if self.worth is None or self.goods <= 0 or self.earns_elsewhere:
            return None
        return round(self.worth / self.goods * 100, 2)


def forecast(
    programme: Programme,
    *,
    since: date,
    now: datetime,
    draft: RuleVersion | None = None,
    most: int = MOST_CUSTOMERS,
) -> Forecast:
    """For the orders since a day, under the rules as they are now; with `draft`, a
    version that is not stored, in place of its own rule, or beside the others. A unit
    that no reward and no order takes has no worth."""
    today = selectors.business().day(now)
    found = Forecast(since, today, programme.currency)
    buyers = sql.buyers_since(since)
    found.buyers, found.left_out = len(buyers), max(len(buyers) - most, 0)
    earned: dict[int, Decimal] = {}
    versions = _versions(programme, draft)
    found.earns_elsewhere = any(v.currency != programme.currency for v in versions)
    for part in _parts(buyers[:most]):
        _count(programme, part, found, earned, today, versions)
    found.members = len(earned)
    found.units = sum(earned.values(), _NOTHING)
    found.first = sorted(earned.items(), key=lambda item: (-item[1], item[0]))[:10]
    _price(programme, found, earned)
    return found


def _parts(buyers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(buyers), _SLICE):
        yield buyers[start : start + _SLICE]


def _count(
    programme: Programme,
    customers: Sequence[int],
    found: Forecast,
    earned: dict[int, Decimal],
    today: date,
    versions: Sequence[RuleVersion],
) -> None:
    may = members_sql.who_may(programme, customers, today=today)
    giving: set[int] = set()
    facts: dict[int, Facts] = {}
    for version in versions:
        read = sql.facts(
            sorted(members_sql.for_whom(version, may, today=today)),
            scope_of(version),
            since=found.since,
            pinned=(),
            assumed=assumed_days(programme, selectors.business()),
            today=today,
        )
        there = [fact for fact in read if fact.has_arrived]
        facts |= {fact.id: fact for fact in there}
        terms = rules.terms_of(version, programme.places)
        for customer, theirs in _by_customer(there).items():
            units = earning.entitled(
                (order_facts(fact, _NOTHING), terms) for fact in theirs
            )
            giving |= {order for order, number in units.items() if number}
            if total := sum(units.values(), _NOTHING):
                earned[customer] = earned.get(customer, _NOTHING) + total
    found.orders += len(giving)
    counted = {version.currency for version in versions}
    for fact in facts.values():
        if fact.currency == programme.currency:
            found.goods += fact.goods_kept
        if fact.currency not in counted:
            found.others[fact.currency] = found.others.get(fact.currency, 0) + 1


def _versions(programme: Programme, draft: RuleVersion | None) -> list[RuleVersion]:
    rows = programme.rules.filter(event=EarnEvent.ORDER.value, ended_at=None)
    if draft is not None:
        rows = rows.exclude(pk=draft.rule.pk)
    found = [rules.latest_of(rule) for rule in rows.order_by("pk")]
    return [*found, draft] if draft is not None else found


def _by_customer(facts: Sequence[Facts]) -> dict[int, list[Facts]]:
    found: defaultdict[int, list[Facts]] = defaultdict(list)
    for fact in facts:
        found[fact.customer].append(fact)
    return found


def _price(programme: Programme, found: Forecast, earned: dict[int, Decimal]) -> None:
    """What it pays in orders; else what its cheapest reward costs as often as members
    could take it."""
    offer = programme.offers.select_related("reward").order_by("price", "pk").first()
    if offer is not None:
        found.rewards = sum(int(units // offer.price) for units in earned.values())
    if programme.worth is not None:
        worth = found.units * programme.worth
        found.worth = money.round_money(worth, programme.currency)
    elif offer is not None and not offer.reward.cost:
        found.without_cost = offer.reward
    elif offer is not None and offer.reward.currency != programme.currency:
        found.costs_elsewhere = offer.reward
    elif offer is not None:
        found.worth = offer.reward.cost * found.rewards
