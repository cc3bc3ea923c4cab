"""The save-list: who brings most, seems to slip away, and why we think so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg.sql import Composed

from crm.models import CoreMark, Customer, OrderSum, Subscription
from crm.services.order_sums import CORE_SHARE
from insights.choices import Basis
from insights.selectors import kept
from insights.selectors.contract_reasons import contract_reasons
from insights.selectors.once import once_a_page
from insights.selectors.rows import rows_of
from insights.sql import save_list as sql
from insights.sql.save_list import Whom
from surveys.models import Response
from web import formats
from web.paging import read_place, write_place

SIZE = 50
REASONS: Mapping[str, str | Promise] = {
    "late": gettext_lazy("Late for their usual order"),
    "ending": gettext_lazy("Contract ends soon"),
    "fell": gettext_lazy("Contract brings less"),
    "paused": gettext_lazy("Contract paused"),
    "score": gettext_lazy("Low last score"),
    "bounced": gettext_lazy("Mail comes back"),
    "opted_out": gettext_lazy("Opted out"),
}


@dataclass(frozen=True)
class Slipping:
    """One of them, with what they brought so far, or bring a month by contract, and
    the reasons in words."""

    customer: Customer
    total: Decimal
    reasons: Sequence[str]


@dataclass(frozen=True)
class SaveList:
    """A page of the people of `counts`; `after`: the place of the next page, or
    nothing."""

    rows: Sequence[Slipping]
    asked: Whom
    counts: Mapping[str, int]
    after: str

    @property
    def count(self) -> int:
        """How many the whole list has."""
        return self.counts[self.asked.reason]


def whom(
    basis: Basis,
    *,
    today: date,
    own: str,
    currency: str = "",
    reason: str = "",
    with_answers: bool = True,
) -> Whom:
    """Which list is asked for: of the shop's `own` currency where none is named that
    has a core, and by any reason where none is named that this list knows.

    `with_answers`: whether a low last score is a reason; only whoever sees answers by
    name may be told of one.
    """
    known = currencies(basis, today=today)
    chosen = next((one for one in (currency, own, *known) if one in known), own)
    if reason not in sql.names(basis, with_answers=with_answers):
        reason = ""
    return Whom(basis, chosen, today, CORE_SHARE, reason, with_answers)


@once_a_page
def currencies(basis: Basis, *, today: date) -> Sequence[str]:
    """Those that have a core."""
    if basis is Basis.ORDERS:
        rows = CoreMark.objects.values_list("currency", flat=True)
        return list(rows.order_by("currency"))
    running = ~Q(state="cancelled") | Q(cancelled_on__gt=today)
    contracts = Subscription.objects.filter(running).order_by("currency")
    return list(contracts.values_list("currency", flat=True).distinct())


def save_list(asked: Whom, *, after: str = "") -> SaveList:
    """A page of one list. Six queries at most, however many there are."""
    told, found = _read(asked, after)
    shown = found[:SIZE]
    last = shown[-1] if len(found) > SIZE else None
    return SaveList(
        rows=_rows(shown, asked),
        asked=asked,
        counts=told,
        after=write_place(last[1], last[0]) if last else "",
    )


def counts(asked: Whom) -> Mapping[str, int]:
    """How many have each reason; by no name: how many have any. As the first page of
    those with any says, which is kept."""
    told, _rows_of_page = _read(replace(asked, reason=""), "")
    return told


def page_of(asked: Whom, *, after: str = "") -> Composed:
    """What a page asks: how many have each reason, and its rows."""
    return sql.page(asked, after=read_place(after, Decimal, int), limit=SIZE + 1)


def _read(asked: Whom, after: str) -> tuple[Mapping[str, int], list[tuple[Any, ...]]]:
    """The answer to that: the counts by reason, and customer, what they bring, and
    whether each reason holds."""
    names = ("", *sql.names(asked.basis, with_answers=asked.with_answers))
    answer = kept.rows(page_of(asked, after=after))
    most = len(names)
    told = dict(zip(names, answer[0][:most], strict=True))
    shown = (row[most:] for row in answer)
    return told, [(pk, Decimal(total), *flags) for pk, total, *flags in shown if pk]


def of(asked: Whom, ids: Sequence[int]) -> list[Slipping]:
    """Those of these customers who are in the list, with their reasons."""
    return _rows(rows_of(sql.of(asked, ids)), asked)


def _rows(found: Sequence[tuple[Any, ...]], asked: Whom) -> list[Slipping]:
    ids = [row[0] for row in found]
    # What was kept an hour ago may name somebody who is gone since.
    people = Customer.objects.filter(merged_into=None, erased_at=None).in_bulk(ids)
    ids = list(people)
    words = _words(ids, people, asked)
    names = sql.names(asked.basis, with_answers=asked.with_answers)
    return [
        Slipping(
            people[pk],
            total,
            [
                words.get((pk, name)) or str(REASONS[name])
                for name, holds in zip(names, flags, strict=True)
                if holds
            ],
        )
        for pk, total, *flags in found
        if pk in people
    ]


def _words(
    ids: Sequence[int], people: Mapping[int, Customer], asked: Whom
) -> Mapping[tuple[int, str], str]:
    """Why we think that they slip away, with the figures that say so."""
    found = dict(contract_reasons(ids, asked.currency, today=asked.today))
    answers = (
        Response.objects.filter(
            customer__in=ids, state="confirmed", scale="nps", is_confidential=False
        )
        .order_by("customer", "-confirmed_at", "-pk")
        .distinct("customer")
        # A whole answer is fifty columns.
        .values_list("customer_id", "score")
    )
    for pk, score in answers:
        if pk and score is not None:
            found[pk, "score"] = _("Last score %(score)s of 10") % {"score": score}
    sums = OrderSum.objects.filter(customer__in=ids, all_orders__gt=1)
    for pk, orders in sums.values_list("customer_id", "all_orders"):
        first, last = people[pk].first_order_on, people[pk].last_order_on
        if first and last:
            found[pk, "late"] = _(
                "Orders about every %(days)s days, the last on %(day)s"
            ) % {
                "days": formats.number(round((last - first).days / (orders - 1))),
                "day": formats.day(last, asked.today),
            }
    return found
