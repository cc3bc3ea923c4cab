"""The postings that bring what orders have earned to what they entitle to."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from loyalty.choices import EarnEvent, EntryKind
from loyalty.models import Rule, RuleVersion
from loyalty.rules.programmes import earning, expiry
from loyalty.rules.programmes.earning import OrderFacts
from loyalty.services.programmes import members, posting, rules
from loyalty.services.programmes.posting import Posting
from loyalty.services.programmes.programmes import available_from
from loyalty.services.programmes.slices import Slice
from loyalty.sql import order_ledger
from loyalty.sql.order_ledger import Earned, Expired
from loyalty.sql.programme_orders import Facts, Scope

_NOTHING = Decimal(0)


class _Difference(NamedTuple):
    """What an order entitles to more or less than it has earned by a rule. `fact` is
    None where the order is gone, or somebody else's; `row` where it earned nothing
    yet."""

    customer: int
    order: int
    units: Decimal
    version: int
    fact: Facts | None
    row: Earned | None

    @property
    def key(self) -> str:
        """The next one of this order and version in the person's own ledger."""
        number = (self.row.entries if self.row else 0) + 1
        return f"order:{self.order}:rule:{self.version}:{number}"


def postings(part: Slice) -> list[Posting]:
    """For all rules on orders; memberships are made for whoever earns for the first
    time."""
    before: defaultdict[int, dict[tuple[int, int], Earned]] = defaultdict(dict)
    for row in part.earned:
        before[row.rule][row.customer, row.order] = row
    found: list[_Difference] = []
    rows = part.programme.rules.filter(event=EarnEvent.ORDER.value)
    for rule in rows.order_by("pk"):
        found += _of_rule(part, rule, before[rule.pk])
    return _booked(part, found)


def _of_rule(
    part: Slice, rule: Rule, before: dict[tuple[int, int], Earned]
) -> Iterator[_Difference]:
    rows = rule.versions.select_related("only_for", "not_for")
    versions = list(rows.order_by("number"))
    terms = {one.pk: rules.terms_of(one, part.programme.places) for one in versions}
    entitled: dict[tuple[int, int], tuple[Facts, Decimal, int]] = {}
    for customer, counted in _by_customer(part, rule, versions, before).items():
        earns = earning.entitled(
            (
                (
                    order_facts(fact, part.paid_by_order.get(fact.id, _NOTHING)),
                    terms[version],
                )
                for fact, version in counted
            ),
            part.booked.get((customer, rule.pk)),
        )
        for fact, version in counted:
            entitled[customer, fact.id] = (fact, earns[fact.id], version)
    for (customer, order), (fact, units, version) in entitled.items():
        row = before.get((customer, order))
        moved = units - (row.amount if row else _NOTHING)
        if moved:
            yield _Difference(customer, order, moved, version, fact, row)
    for (customer, order), row in before.items():
        if (customer, order) not in entitled and row.amount:
            yield _Difference(customer, order, -row.amount, row.version, None, row)


def _by_customer(
    part: Slice,
    rule: Rule,
    versions: Sequence[RuleVersion],
    before: dict[tuple[int, int], Earned],
) -> dict[int, list[tuple[Facts, int]]]:
    """By customer the orders that count, each with the version that it counts under:
    together, as caps of a day or month are of the rule."""
    by_scope: defaultdict[Scope, set[int]] = defaultdict(set)
    for version in versions:
        by_scope[scope_of(version)].add(version.pk)
    found: defaultdict[int, list[tuple[Facts, int]]] = defaultdict(list)
    for scope, ours in by_scope.items():
        for fact in part.read(scope):
            row = before.get((fact.customer, fact.id))
            version = _version_of(row, fact, versions)
            if version.pk in ours and _counts(part, fact, row, rule, version):
                found[fact.customer].append((fact, version.pk))
    return found


def _version_of(
    row: Earned | None, fact: Facts, versions: Sequence[RuleVersion]
) -> RuleVersion:
    """The version first used for an order, else the one in force when it was ordered;
    the first also counts for what was ordered before the rule was made."""
    if row is not None:
        return next(one for one in versions if one.pk == row.version)
    in_force = [one for one in versions if one.made_at <= fact.at]
    return in_force[-1] if in_force else versions[0]


def _counts(
    part: Slice, fact: Facts, row: Earned | None, rule: Rule, version: RuleVersion
) -> bool:
    """Whether an order earns at all: one that did goes on to."""
    if not fact.has_arrived:
        return False
    if row is not None:
        return True
    if rule.ended_at is not None and fact.at >= rule.ended_at:
        return False
    if rule.counts_from is not None and fact.at < rule.counts_from:
        return False
    if not part.was_on(fact.on, fact.at):
        return False
    may = fact.customer in part.may_by(version)
    return may and part.took_part(fact.customer, fact.on, fact.at)


def _booked(part: Slice, found: Sequence[_Difference]) -> list[Posting]:
    ids = {customer: row.pk for customer, row in part.members.items()}
    new = {one.customer for one in found if one.fact is not None} - ids.keys()
    if new:
        ids |= members.ensure(part.programme, new, now=part.now)
    less = [(one.customer, one.order) for one in found if one.units < 0]
    states = order_ledger.expired(less, part.programme.pk)
    booked: list[Posting] = []
    for one in found:
        member = ids.get(one.customer)
        if member is None:
            continue
        if one.units > 0:
            booked.append(_more(part, member, one))
        else:
            key = (one.customer, one.order)
            state = states.get(key, Expired())
            again, states[key] = _ran_out(-one.units, state)
            booked += _reversed(part, member, one, again, state.origin)
    return booked


def _more(part: Slice, member: int, one: _Difference) -> Posting:
    """Earned; or, once a merge was undone, a reversal that is none of theirs."""
    on = one.fact.arrived_on if one.fact else part.today
    from_day = available_from(part.programme, on) if one.fact else on
    return Posting(
        membership=member,
        kind=EntryKind.EARNED if one.fact else EntryKind.REVERSED,
        amount=one.units,
        source_key=one.key,
        on=on,
        available_on=from_day,
        expires_on=expiry.last_day(part.runs_out, from_day),
        rule_version=one.version,
        order=one.order,
    )


def _ran_out(units: Decimal, before: Expired) -> tuple[Decimal, Expired]:
    """How much of a reversal ran out before, and what ran out and is left after it.
    What ran out must not be taken twice."""
    own = min(units, before.left)
    again = min(units - own, before.amount)
    return again, Expired(before.amount - again, before.left - own, before.origin)


def _reversed(
    part: Slice, member: int, one: _Difference, again: Decimal, origin: int | None
) -> Iterator[Posting]:
    if again:
        yield posting.expiry_taken_back(
            member, again, f"{one.key}:expiry", today=part.today,
            order=one.order, origin=origin,
        )  # fmt: skip
    yield Posting(
        membership=member,
        kind=EntryKind.REVERSED,
        amount=one.units,
        source_key=one.key,
        on=part.today,
        rule_version=one.version,
        order=one.order,
    )


def scope_of(version: RuleVersion) -> Scope:
    """Which products count under a version."""
    return Scope(
        tuple(version.products),
        tuple(version.categories),
        tuple(version.not_products),
        tuple(version.not_categories),
    )


def order_facts(fact: Facts, paid: Decimal) -> OrderFacts:
    """An order as the rules know it."""
    return OrderFacts(
        id=fact.id,
        at=fact.at,
        on=fact.on,
        currency=fact.currency,
        goods=fact.goods,
        kept=fact.kept,
        items=fact.items,
        discount=fact.discount,
        paid=paid,
        has_offer=fact.has_offer,
        taxed=_by_rate(fact),
        known=_known(fact),
        untaxed=_untaxed(fact),
    )


def _known(fact: Facts) -> Decimal:
    return sum((left for left, _amount, _tax in fact.own or ()), _NOTHING)


def _untaxed(fact: Facts) -> Fraction:
    """Of each line the share that was kept of what it is without its tax."""
    return sum(
        (
            Fraction(left) * Fraction(amount - tax) / Fraction(amount)
            for left, amount, tax in fact.own or ()
        ),
        Fraction(0),
    )


def _by_rate(fact: Facts) -> dict[Decimal, Decimal]:
    found: dict[Decimal, Decimal] = {}
    for rate, amount in zip(fact.rates or (), fact.taxed or (), strict=True):
        found[rate] = found.get(rate, _NOTHING) + amount
    return found
