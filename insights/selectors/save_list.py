"""The save-list: who brings most, seems to slip away, and why we think so."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg.sql import SQL

from crm.models import CoreMark, Customer, OrderSum
from insights.selectors.rows import rows_of
from insights.sql import save_list as sql
from surveys.models import Response
from web import formats

SIZE = 50
REASONS = {
    "late": gettext_lazy("Late for their usual order"),
    "score": gettext_lazy("Low last score"),
    "ending": gettext_lazy("Contract ends soon"),
    "bounced": gettext_lazy("Mail comes back"),
    "opted_out": gettext_lazy("Opted out"),
}


@dataclass(frozen=True)
class Slipping:
    """One of them, with what they brought and the reasons in words."""

    customer: Customer
    total: Decimal
    reasons: Sequence[str]


@dataclass(frozen=True)
class SaveList:
    """A page of `count` people; `after`: the cursor of the next page, or nothing."""

    rows: Sequence[Slipping]
    count: int
    after: str
    currency: str
    currencies: Sequence[str]


def save_list(
    *, today: date, currency: str = "", reason: str = "", after: str = "", own: str
) -> SaveList:
    """Those of one currency, the shop's `own` where none is named. Six queries,
    however many there are."""
    known = list(
        CoreMark.objects.order_by("currency").values_list("currency", flat=True)
    )
    chosen = next((one for one in (currency, own, *known) if one in known), own)
    reason = reason if reason in REASONS else ""
    found = rows_of(
        sql.page(chosen, today, reason=reason, after=_place(after), limit=SIZE + 1)
    )
    shown = found[:SIZE]
    everybody = SQL("SELECT count(*) FROM ({}) everybody").format(
        sql.ids(chosen, today, reason=reason)
    )
    [(count,)] = rows_of(everybody)
    last = shown[-1] if len(found) > SIZE else None
    return SaveList(
        rows=_rows(shown),
        count=count,
        after=f"{last[1]}:{last[0]}" if last else "",
        currency=chosen,
        currencies=known,
    )


def _place(cursor: str) -> sql.Place | None:
    """None for a text that is no cursor."""
    total, colon, pk = cursor.partition(":")
    with suppress(InvalidOperation):
        if colon and pk.isascii() and pk.isdigit() and len(pk) < 18:
            number = Decimal(total)
            return sql.Place(number, int(pk)) if number.is_finite() else None
    return None


def _rows(found: Sequence[tuple[Any, ...]]) -> list[Slipping]:
    ids = [row[0] for row in found]
    people = Customer.objects.in_bulk(ids)
    orders = dict(
        OrderSum.objects.filter(customer__in=ids).values_list(
            "customer_id", "all_orders"
        )
    )
    answers = (
        Response.objects.filter(
            customer__in=ids, state="confirmed", scale="nps", is_confidential=False
        )
        .order_by("customer", "-confirmed_at", "-pk")
        .distinct("customer")
    )
    scores = {
        answer.customer_id: answer.score
        for answer in answers
        if answer.customer_id and answer.score is not None
    }
    return [
        Slipping(
            people[pk],
            total,
            [
                _said(name, people[pk], orders, scores)
                for name, holds in zip(sql.names(), flags, strict=True)
                if holds
            ],
        )
        for pk, total, *flags in found
    ]


def _said(
    name: str,
    customer: Customer,
    orders: Mapping[int, int],
    scores: Mapping[int, int],
) -> str:
    """Why we think that they slip away, with the figures that say so."""
    if name == "score" and customer.pk in scores:
        return _("Last score %(score)s of 10") % {"score": scores[customer.pk]}
    first, last = customer.first_order_on, customer.last_order_on
    if name == "late" and first and last and orders.get(customer.pk, 0) > 1:
        days = round((last - first).days / (orders[customer.pk] - 1))
        return _("Orders about every %(days)s days, the last on %(day)s") % {
            "days": formats.number(days),
            "day": formats.day(last),
        }
    return str(REASONS[name])
