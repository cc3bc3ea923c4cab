"""What insights lets people take along: see crm/datasets.py."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from django.db.models import JSONField, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from psycopg.sql import SQL, Composable, Literal

from crm import selectors as crm
from crm.access import Capability
from crm.datasets import Cell, Dataset, Filters, address_of, line_each, register
from crm.models import Customer
from insights import lists
from insights.choices import Basis
from insights.forms.people import PeopleForm
from insights.forms.programmes import ProgrammePeopleForm
from insights.models import Spend
from insights.selectors import save_list as selectors
from insights.selectors.spenders import spenders
from insights.sql import save_list as sql
from insights.sql.save_list import Whom
from loyalty.models import Programme
from web.composed_sql import subquery
from web.rules.numbers import whole_number

_PERSON = (
    *("customer_id", "source", "name", "email", "phone"),
    *("first_order_on", "last_order_on"),
)
# A list may be of what people said to us, which is for those who see that by name.
_NEEDS = frozenset({Capability.SEE_CUSTOMERS, Capability.SEE_NOTES})


def _today() -> date:
    return crm.business().day(timezone.now())


def _person(customer: Customer) -> dict[str, Cell]:
    return {
        "customer_id": customer.external_id,
        "source": customer.source,
        "name": customer.full_name,
        "email": customer.email,
        "phone": customer.phone_text,
        "first_order_on": customer.first_order_on,
        "last_order_on": customer.last_order_on,
    }


def _persons(customers: Sequence[Customer]) -> Iterable[dict[str, Cell]]:
    return map(_person, customers)


def _among(people: Composable, filters: Filters) -> "QuerySet[Customer]":
    """Those of a SELECT of ids; each row has the filters, for what its cells need."""
    asked = Value(dict(filters), output_field=JSONField())
    rows = Customer.objects.filter(pk__in=subquery(people))
    return rows.annotate(of_list=asked)


def _filters_of(customers: Sequence[Customer]) -> Filters:
    found: Filters = customers[0].of_list  # type: ignore[attr-defined] # annotated
    return found


# --- The save-list --------------------------------------------------------------------


def _whom(filters: Filters) -> Whom:
    """`why` is the reason: exports ask for one of their own."""
    basis = filters.get("basis", "")
    return selectors.whom(
        Basis(basis) if basis in list(Basis) else Basis.ORDERS,
        today=_today(),
        currency=filters.get("currency", ""),
        reason=filters.get("why", ""),
        own=crm.business().currency,
    )


def _slipping(filters: Filters) -> "QuerySet[Customer]":
    return _among(sql.ids(_whom(filters)), filters)


def _slipping_cells(customers: Sequence[Customer]) -> Iterator[dict[str, Cell]]:
    """Each with what they bring, in which currency, and every reason in words."""
    if not customers:
        return
    asked = _whom(_filters_of(customers))
    found = selectors.of(asked, [customer.pk for customer in customers])
    by_id = {row.customer.pk: row for row in found}
    for customer in customers:
        # Whoever has left the list since the file was begun has no reasons any more.
        row = by_id.get(customer.pk)
        yield {
            **_person(customer),
            "brings": row.total if row else None,
            "currency": asked.currency,
            "reasons": "; ".join(row.reasons) if row else "",
        }


# --- The people behind a figure -------------------------------------------------------


def _of_figure(filters: Filters) -> "QuerySet[Customer]":
    form = PeopleForm(dict(filters))
    if not form.is_valid():
        return Customer.objects.none()
    return _among(lists.of_figure(form, today=_today()), filters)


def _of_programme(filters: Filters) -> "QuerySet[Customer]":
    form = ProgrammePeopleForm(dict(filters))
    pk = whole_number(filters.get("programme", ""))
    row = Programme.objects.filter(pk=pk).first() if pk else None
    if row is None or not form.is_valid():
        return Customer.objects.none()
    return _among(lists.of_programme(row, form, today=_today()), filters)


def _of_money(filters: Filters) -> "QuerySet[Customer]":
    """`people` is the group: an export has an `of` of its own."""
    if not filters.get("people"):
        return Customer.objects.none()
    return _among(_money(filters).ids, filters)


def _money(filters: Filters) -> lists.MoneyList:
    values = {**filters, "of": filters.get("people", "")}
    return lists.of_money(values, today=_today())


def _money_cells(customers: Sequence[Customer]) -> Iterator[dict[str, Cell]]:
    """Each with what they brought then, and bring now."""
    if not customers:
        return
    asked = _money(_filters_of(customers))
    ids = [customer.pk for customer in customers]
    some = SQL("SELECT unnest({}::bigint[])").format(Literal(ids))
    found = spenders(
        asked.pair,
        asked.basis,
        asked.currency,
        asked.group,
        after=None,
        most=len(ids),
        people=some,
    )
    by_id = {row.customer_id: row for row in found}
    for customer in customers:
        row = by_id.get(customer.pk)
        yield {
            **_person(customer),
            "currency": asked.currency,
            "then": row.was if row else None,
            "now": row.brings if row else None,
        }


_BEHIND = _("People behind a figure")

register(
    Dataset(
        name="save-list",
        label=_("Save-list"),
        order=80,
        columns=(*_PERSON, "brings", "currency", "reasons"),
        rows=_slipping,
        cells=_slipping_cells,
        takes=lambda: {"basis", "currency", "why"},
        needs=_NEEDS,
    ),
    Dataset(
        name="figure-people",
        label=_BEHIND,
        order=81,
        columns=_PERSON,
        rows=_of_figure,
        cells=_persons,
        takes=PeopleForm.base_fields.keys,
        needs=_NEEDS,
        is_of_a_list=True,
    ),
    Dataset(
        name="money-people",
        label=_BEHIND,
        order=82,
        columns=(*_PERSON, "currency", "then", "now"),
        rows=_of_money,
        cells=_money_cells,
        takes=lambda: {"people", "currency", "basis", "to", "months", "by", "value"},
        needs=_NEEDS,
        is_of_a_list=True,
    ),
    Dataset(
        name="programme-people",
        label=_BEHIND,
        order=83,
        columns=_PERSON,
        rows=_of_programme,
        cells=_persons,
        takes=lambda: {"programme", "what", "month", "days"},
        needs=_NEEDS,
        is_of_a_list=True,
    ),
)
register(
    line_each(
        "spend",
        _("What was spent to win customers"),
        81,
        rows=lambda filters: Spend.objects.select_related("noted_by"),
        columns={
            "month": "month",
            "source": "source",
            "amount": lambda row: row.amount.normalize(),
            "currency": "currency",
            "noted_at": "noted_at",
            "colleague": lambda row: address_of(row.noted_by),
        },
        needs=frozenset({Capability.EDIT_INSIGHTS}),
    )
)
