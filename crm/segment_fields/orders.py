"""Conditions about what somebody ordered. Returns are no orders; their amounts are
subtracted from what was spent. Currencies are never added."""

from collections.abc import Collection, Mapping

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from crm.condition_fields import Asked, ConditionField, Kind, LookUp
from crm.models import Product
from crm.rules.segment_tree import Is
from crm.sql import conditions as shapes

ORDERS = _("Orders")

_SUMS = sql.SQL("FROM crm_ordersum WHERE {which}")
# Who ordered more than once: about a customer `c`, with the sums `s`.
_AGAIN = sql.SQL(
    "EXISTS (SELECT FROM crm_ordersum s WHERE s.customer_id = c.id"
    " AND s.all_orders > 1 AND {which})"
)
_ORDERS = sql.SQL("FROM crm_order WHERE state <> 'cancelled' AND {which}")
_TRUE = sql.SQL("true")


def _since(asked: Asked) -> sql.Composable:
    return sql.SQL("ordered_on >= {}").format(sql.Literal(asked.since))


def _sign(asked: Asked) -> sql.Composable:
    return sql.SQL(">=" if asked.condition.is_ is Is.AT_LEAST else "<=")


def _count(asked: Asked) -> sql.Composable:
    if asked.since is None:
        return shapes.kept(_SUMS.format(which=_TRUE), sql.SQL("all_orders"), asked)
    sold = sql.SQL("nature = 'sale' AND {since}").format(since=_since(asked))
    return shapes.counted(_ORDERS.format(which=sold), sql.SQL("count(*)"), asked)


def _in_currency(asked: Asked) -> sql.Composable:
    return sql.SQL("currency = {}").format(sql.Literal(asked.condition.currency))


def _spent(asked: Asked) -> sql.Composable:
    """Who ordered nothing spent nothing; who returned more than that spent less."""
    which = _in_currency(asked)
    if asked.since is None:
        return shapes.kept(_SUMS.format(which=which), sql.SQL("total"), asked)
    both = sql.SQL("{which} AND {since}").format(which=which, since=_since(asked))
    return shapes.counted(_ORDERS.format(which=both), sql.SQL("sum(total)"), asked)


def _average(asked: Asked) -> sql.Composable:
    """What an order comes to; returns are in the sum. Without an order there is none,
    neither high nor low."""
    if asked.since is not None:
        return _average_since(asked)
    found = sql.SQL(
        "SELECT customer_id AS id FROM crm_ordersum WHERE {which} AND orders > 0"
        " AND total {sign} {amount} * orders"
    ).format(
        which=_in_currency(asked),
        sign=_sign(asked),
        amount=sql.Literal(asked.number),
    )
    return shapes.among(found, is_in=True)


def _average_since(asked: Asked) -> sql.Composable:
    which = sql.SQL("{} AND {}").format(_in_currency(asked), _since(asked))
    found = sql.SQL(
        "SELECT customer_id AS id {rows} GROUP BY customer_id"
        " HAVING count(*) FILTER (WHERE nature = 'sale') > 0 AND sum(total) {sign}"
        " {amount} * count(*) FILTER (WHERE nature = 'sale')"
    ).format(
        rows=_ORDERS.format(which=which),
        sign=_sign(asked),
        amount=sql.Literal(asked.number),
    )
    return shapes.among(found, is_in=True)


def _gap(asked: Asked) -> sql.Composable:
    """Days between the first and the last order, by the steps between them. Anyone who
    ordered once has no gap yet."""
    which = sql.SQL(
        "c.last_order_on - c.first_order_on {sign} {days} * (s.all_orders - 1)"
    ).format(sign=_sign(asked), days=sql.Literal(asked.number))
    return _AGAIN.format(which=which)


def _overdue(asked: Asked) -> sql.Composable:
    """How many of their usual gaps ago the last order was. Anyone who ordered once has
    no usual gap, and orders of one day have one of 0: both are not overdue."""
    which = sql.SQL(
        "c.last_order_on > c.first_order_on"
        " AND ({today} - c.last_order_on) * (s.all_orders - 1)"
        " {sign} {times} * (c.last_order_on - c.first_order_on)"
    ).format(
        today=sql.Literal(asked.today),
        sign=_sign(asked),
        times=sql.Literal(asked.number),
    )
    return _AGAIN.format(which=which)


def _core(asked: Asked) -> sql.Composable:
    found = sql.SQL(
        "SELECT s.customer_id AS id FROM crm_ordersum s"
        " JOIN crm_coremark m ON m.currency = s.currency AND s.total >= m.least"
    )
    return shapes.among(found, is_in=asked.condition.is_ is Is.YES)


def _bought(column: str, asked: Asked) -> sql.Composable:
    """A purchase of one of them; what was returned later was bought all the same."""
    since = sql.SQL("AND l.ordered_on >= {}").format(sql.Literal(asked.since))
    found = sql.SQL(
        "SELECT l.customer_id AS id FROM crm_orderline l"
        " JOIN crm_product p ON p.id = l.product_id"
        " WHERE l.nature = 'purchase' AND {column} = ANY({values}) {since}"
    ).format(
        column=sql.Identifier("p", column),
        values=sql.Literal(list(asked.condition.values)),
        since=since if asked.since is not None else sql.SQL(""),
    )
    return shapes.among(found, is_in=asked.condition.is_ is Is.ANY_OF)


def _categories(rows: "QuerySet[Product]", most: int) -> Mapping[str, str]:
    found = rows.exclude(category="").order_by("category")
    names = found.values_list("category", flat=True).distinct()
    return {name: name for name in names[:most]}


def _named_categories(values: Collection[str]) -> Mapping[str, str]:
    return _categories(Product.objects.filter(category__in=values), len(values))


def _search_categories(text: str, most: int) -> Mapping[str, str]:
    return _categories(Product.objects.filter(category__icontains=text), most)


def _products(rows: "QuerySet[Product]") -> Mapping[str, str]:
    """Codes: one that two sources have means the products of both."""
    found = rows.values_list("sku", "name")
    return {sku: f"{name} ({sku})" if name else sku for sku, name in found}


def _named_products(values: Collection[str]) -> Mapping[str, str]:
    return _products(Product.objects.filter(sku__in=values))


def _search_products(text: str, most: int) -> Mapping[str, str]:
    has_it = Q(name__icontains=text) | Q(sku__icontains=text)
    return _products(Product.objects.filter(has_it).order_by("name", "sku")[:most])


FIELDS = (
    ConditionField(
        name="orders.count",
        order=30,
        label=_("Number of orders"),
        section=ORDERS,
        kind=Kind.NUMBER,
        where=_count,
        takes_within=True,
    ),
    ConditionField(
        name="orders.spent",
        order=31,
        label=_("Spent"),
        section=ORDERS,
        kind=Kind.MONEY,
        where=_spent,
        takes_within=True,
    ),
    ConditionField(
        name="orders.average",
        order=32,
        label=_("Average order"),
        section=ORDERS,
        kind=Kind.MONEY,
        where=_average,
        takes_within=True,
    ),
    ConditionField(
        name="orders.first",
        order=33,
        label=_("First order"),
        section=ORDERS,
        kind=Kind.DAY,
        where=lambda asked: shapes.compared(sql.SQL("c.first_order_on"), asked),
    ),
    ConditionField(
        name="orders.last",
        order=34,
        label=_("Last order"),
        section=ORDERS,
        kind=Kind.DAY,
        where=lambda asked: shapes.compared(sql.SQL("c.last_order_on"), asked),
    ),
    ConditionField(
        name="orders.gap",
        order=35,
        label=_("Days between orders, on average"),
        section=ORDERS,
        kind=Kind.NUMBER,
        where=_gap,
    ),
    ConditionField(
        name="orders.overdue",
        order=36,
        label=_("Usual gaps since the last order"),
        section=ORDERS,
        kind=Kind.NUMBER,
        where=_overdue,
    ),
    ConditionField(
        name="orders.core",
        order=36,
        label=_("One of the few who bring most of the revenue"),
        section=ORDERS,
        kind=Kind.FLAG,
        where=_core,
    ),
    ConditionField(
        name="bought.product",
        order=37,
        label=_("Bought the product"),
        section=ORDERS,
        kind=Kind.CHOICE,
        where=lambda asked: _bought("sku", asked),
        look_up=LookUp(_named_products, _search_products),
        takes_within=True,
    ),
    ConditionField(
        name="bought.category",
        order=38,
        label=_("Bought of the category"),
        section=ORDERS,
        kind=Kind.CHOICE,
        where=lambda asked: _bought("category", asked),
        look_up=LookUp(_named_categories, _search_categories),
        takes_within=True,
    ),
)
