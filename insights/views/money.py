"""What customers of before bring now, and the lists of people behind that."""

from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm import selectors as crm
from crm.access import Capability, requires
from crm.models import Customer
from crm.staff import business_of, staff_of
from insights import lists, money_charts, money_words, tables
from insights.comparison import Comparison, compare
from insights.forms.money import MoneyForm
from insights.selectors import closed, late, money
from insights.selectors import definition as definitions
from insights.selectors.asked import are_apart
from insights.selectors.groups import side_names
from insights.selectors.money import Whom
from insights.selectors.spenders import Spender, spenders
from insights.views import TABS
from insights.views.reading import figures_page
from web.paging import read_place, write_place

PAGE = 50


@requires(Capability.SEE_INSIGHTS)
@require_safe
@figures_page
def overview(request: HttpRequest) -> HttpResponse:
    """The Money page, or its figures as a file (`as=csv` or `as=xlsx`)."""
    now, row = timezone.now(), definitions.definition()
    form = MoneyForm(request.GET, basis=definitions.bases(row)[0])
    found = money.currencies(months=form.length, ends_on=form.ends_on)
    compared = _compared(form, business_of(request).day(now))
    if tables.is_asked(request):
        figures = [
            made for one in found for made in money.told_apart(one.row, one.figures)
        ]
        return tables.answer(
            request, "money", [*(compared.figures if compared else ()), *figures]
        )
    rows = [one for currency in found for one in currency.trend]
    context = {
        "tabs": TABS,
        "here": "money",
        "form": form,
        "as_file": f"?{request.GET.urlencode()}&as=",
        "currencies": [(one, money_charts.charts(one)) for one in found],
        "title": money_words.compared(form.length),
        "compared": compared,
        "late": late.changed([*closed.of_money(rows), *closed.of_earlier(rows)]),
        "age": definitions.age(row, now=now),
        "now": now,
    }
    return render(request, "insights/money.html", context)


def _compared(form: MoneyForm, today: date) -> Comparison | None:
    both = form.both()
    if both is None:
        return None
    (first, pair), (second, other) = both
    whom = (first.by, first.value), (second.by, second.value)
    times = tuple(money_words.span(one.middle, one.ends_on) for one in (pair, other))
    sides = (
        money.of_group(Whom(*group), pair=one, today=today)
        for group, one in zip(whom, (pair, other), strict=True)
    )
    is_apart = are_apart(*whom)
    return compare(
        side_names(whom, (times[0], times[1])),
        *sides,
        overlap=not is_apart and pair.overlaps(other),
        repeated=not is_apart,
    )


@requires(Capability.SEE_INSIGHTS)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Those behind a figure, the most at stake first; names for who may see them."""
    now = timezone.now()
    asked = lists.of_money(request.GET.dict(), today=crm.business().day(now))
    pair, currency, group = asked.pair, asked.currency, asked.group
    sees_names = staff_of(request).can(Capability.SEE_CUSTOMERS)
    rows = list(
        spenders(
            pair,
            asked.basis,
            currency,
            group,
            after=read_place(request.GET.get("after", ""), Decimal, int),
            most=PAGE + 1,
            people=asked.people,
        )
    )
    more = rows[PAGE - 1] if len(rows) > PAGE else None
    context = {
        "tabs": TABS,
        "here": "money",
        "title": money_words.groups()[group],
        "rows": _named(rows[:PAGE], names=sees_names),
        "group": group,
        "currency": currency,
        "is_core": group == lists.CORE,
        "then": money_words.span(pair.starts_on, pair.middle),
        "now_span": money_words.span(pair.middle, pair.ends_on),
        "more_url": _more_url(request, more),
        "back_url": reverse("insights:money"),
        "now": now,
    }
    return render(request, "insights/money_people.html", context)


def _named(
    rows: list[Spender], *, names: bool
) -> list[tuple[Spender, Customer | None]]:
    found = Customer.objects.in_bulk([row.customer_id for row in rows]) if names else {}
    return [(row, found.get(row.customer_id)) for row in rows]


def _more_url(request: HttpRequest, last: Spender | None) -> str:
    if last is None:
        return ""
    named = {key: value for key, value in request.GET.items() if key != "after"}
    place = write_place(last.stake, last.customer_id)
    return "?" + urlencode({**named, "after": place})
