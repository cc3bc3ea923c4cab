"""Orders and returns in the timeline."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from psycopg import sql

from crm.models import Customer, Order
from crm.page_parts import TimelineEntry, TimelineSource
from crm.request_context import RequestContext
from crm.rules.choices import OrderNature, OrderState
from crm.sql.purchases import Bought, first_lines
from web.formats import money

_LINES_SHOWN = 3


def _orders(
    context: RequestContext, customer: Customer, moments: dict[int, datetime]
) -> dict[int, TimelineEntry]:
    bought: dict[int, list[Bought]] = defaultdict(list)
    for line in first_lines(list(moments), most=_LINES_SHOWN):
        bought[line.order_id].append(line)
    rows = Order.objects.filter(pk__in=moments)
    return {row.pk: _order(row, bought[row.pk]) for row in rows}


def _order(row: Order, lines: Sequence[Bought]) -> TimelineEntry:
    is_return = row.nature == OrderNature.RETURN.value
    return TimelineEntry(
        key=f"order-{row.pk}",
        icon="refund" if is_return else "box",
        heading=(_("Return %(number)s") if is_return else _("Order %(number)s"))
        % {"number": row.number},
        at=row.ordered_at,
        tail=_order_tail(row, lines),
    )


def _order_tail(row: Order, lines: Sequence[Bought]) -> str:
    """delivered 19 Nov · Ethiopia 1 kg × 2, Filter papers · £24.00"""
    state = _order_state(row)
    parts = [state, _things(lines), money(row.total, row.currency)]
    joined = " · ".join(part for part in parts if part)
    return joined if state else f"· {joined}"


def _order_state(row: Order) -> str:
    if row.state == OrderState.CANCELLED.value:
        return _("cancelled")
    if row.delivered_on:
        return _("delivered %(day)s") % {"day": date_format(row.delivered_on, "j M")}
    return ""


def _things(lines: Sequence[Bought]) -> str:
    words = [_thing(line) for line in lines]
    more = (lines[0].lines if lines else 0) - len(lines)
    if more > 0:
        words.append(ngettext("%(n)s more", "%(n)s more", more) % {"n": more})
    return ", ".join(words)


def _thing(line: Bought) -> str:
    quantity = abs(line.quantity)
    if quantity == 1:
        return line.product
    whole = quantity == quantity.to_integral_value()
    shown = str(int(quantity)) if whole else str(quantity.normalize())
    return f"{line.product} × {shown}"


ORDERS = TimelineSource(
    name="order",
    order=1,
    table="crm_order",
    at=sql.Identifier("ordered_at"),
    filter="orders",
    read=_orders,
)
