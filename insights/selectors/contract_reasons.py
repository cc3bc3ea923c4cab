"""What happened to the contracts of customers who may leave, in words."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby, pairwise

from django.utils.translation import gettext as _

from crm.models import Subscription, SubscriptionChange
from insights.sql.save_list import FELL_WITHIN
from web import formats

_OVER = {"paused", "cancelled"}


def contract_reasons(
    customers: Collection[int], currency: str, *, today: date
) -> Mapping[tuple[int, str], str]:
    """By customer and reason, "ending" (in whatever currency), "fell" and "paused" (in
    this one): of several contracts what one of them says. One query."""
    changes = (
        SubscriptionChange.objects.filter(customer__in=customers)
        .select_related("subscription")
        .order_by("subscription", "happened_on", "pk")
    )
    found: dict[tuple[int, str], str] = {}
    for contract, rows in groupby(changes, key=lambda row: row.subscription):
        history = list(rows)
        for name, words in _of_one(contract, history, currency, today):
            found.setdefault((contract.customer_id, name), words)
    return found


def _of_one(
    contract: Subscription,
    history: Sequence[SubscriptionChange],
    currency: str,
    today: date,
) -> Iterator[tuple[str, str]]:
    if contract.cancelled_on and contract.cancelled_on > today:
        words = _("%(plan)s ends on %(day)s") % _named(
            contract, contract.cancelled_on, today
        )
        yield "ending", _with_reason(words, contract)
    if contract.currency == currency and contract.state == "paused":
        words = _("%(plan)s is paused since %(day)s") % _named(
            contract, history[-1].happened_on, today
        )
        yield "paused", _with_reason(words, contract)
    if contract.currency == currency and contract.state == "active":
        yield from _fell(contract, history, today)


def _fell(
    contract: Subscription, history: Sequence[SubscriptionChange], today: date
) -> Iterator[tuple[str, str]]:
    """The highest value of the last days, where it is more than today's."""
    was = [
        row.value
        for row, after in pairwise(history)
        if row.kind not in _OVER
        and row.happened_on < after.happened_on
        and after.happened_on > today - FELL_WITHIN
    ]
    if was and max(was) > contract.value:
        yield (
            "fell",
            _("%(plan)s fell from %(before)s to %(now)s a month")
            % {
                "plan": contract.plan,
                "before": formats.money(max(was), contract.currency),
                "now": formats.money(contract.value, contract.currency),
            },
        )


def _named(contract: Subscription, day: date, today: date) -> dict[str, str]:
    return {"plan": contract.plan, "day": formats.day(day, today)}


def _with_reason(words: str, contract: Subscription) -> str:
    return f"{words}: {contract.reason}" if contract.reason else words
