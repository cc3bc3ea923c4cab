"""What customers of before bring now, and the lists of people behind that."""

from datetime import date, datetime
from decimal import Decimal
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from psycopg.sql import Composable

from crm import selectors as crm
from crm.access import Capability, requires
from crm.models import Customer
from crm.staff import staff_of
from insights import money_charts, money_words, tables
from insights.choices import Basis
from insights.comparison import Comparison, compare
from insights.forms.money import MoneyForm
from insights.forms.sides import BY
from insights.metrics.spans import LENGTHS, YEAR, Pair
from insights.selectors import definition as definitions
from insights.selectors import money
from insights.selectors.asked import are_apart, people_of
from insights.selectors.groups import side_names
from insights.selectors.money import Whom
from insights.selectors.spenders import Spender, spenders
from insights.sql.money import GROUPS
from insights.views import TABS
from web.paging import read_place, write_place
from web.rules.money import CURRENCIES

PAGE = 50


@requires(Capability.SEE_INSIGHTS)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The Money page, or its figures as a file (`as=csv` or `as=xlsx`)."""
    now, row = timezone.now(), definitions.definition()
    form = MoneyForm(request.GET, basis=definitions.bases(row)[0])
    found = money.currencies(months=form.length, ends_on=form.ends_on)
    compared = _compared(form, crm.business().day(now))
    if tables.is_asked(request):
        figures = [
            made for one in found for made in money.told_apart(one.row, one.figures)
        ]
        return tables.answer(
            request, "money", [*(compared.figures if compared else ()), *figures]
        )
    context = {
        "tabs": TABS,
        "here": "money",
        "form": form,
        "as_file": f"?{request.GET.urlencode()}&as=",
        "currencies": [(one, money_charts.charts(one)) for one in found],
        "title": money_words.compared(form.length),
        "compared": compared,
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
    is_apart = are_apart(*whom) or not pair.overlaps(other)
    return compare(side_names(whom, (times[0], times[1])), *sides, overlap=not is_apart)


@requires(Capability.SEE_INSIGHTS)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Those behind a figure, the most at stake first; names for who may see them."""
    pair, basis, currency, group = _asked(request, timezone.now())
    sees_names = staff_of(request).can(Capability.SEE_CUSTOMERS)
    rows = list(
        spenders(
            pair,
            basis,
            currency,
            group,
            after=read_place(request.GET.get("after", ""), Decimal, int),
            most=PAGE + 1,
            people=_group(request, pair),
        )
    )
    more = rows[PAGE - 1] if len(rows) > PAGE else None
    context = {
        "tabs": TABS,
        "here": "money",
        "title": money_words.groups()[group],
        "rows": _named(rows[:PAGE], names=sees_names),
        "currency": currency,
        "is_core": group == "core",
        "then": money_words.span(pair.starts_on, pair.middle),
        "now_span": money_words.span(pair.middle, pair.ends_on),
        "more_url": _more_url(request, more),
        "back_url": reverse("insights:money"),
        "now": timezone.now(),
    }
    return render(request, "insights/money_people.html", context)


def _asked(request: HttpRequest, now: datetime) -> tuple[Pair, Basis, str, str]:
    """The spans, basis, currency and group of an address; what it does not name, or
    names wrongly, is that of everybody now."""
    group, currency = request.GET.get("of", ""), request.GET.get("currency", "")
    business = crm.business()
    ends_on = _day(request.GET.get("to", "")) or business.day(now).replace(day=1)
    is_contract = request.GET.get("basis") == Basis.CONTRACT
    return (
        Pair(ends_on, _months(request)),
        Basis.CONTRACT if is_contract else Basis.ORDERS,
        currency if currency in CURRENCIES else business.currency,
        group if group in {*GROUPS, "core"} else "then",
    )


def _group(request: HttpRequest, pair: Pair) -> Composable | None:
    """Of whom an address asks; everybody where it names no group that there is."""
    by = request.GET.get("by", "all")
    if by not in dict(BY):
        return None
    today = crm.business().day(timezone.now())
    return people_of(by, request.GET.get("value", ""), before=pair.middle, today=today)


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


def _months(request: HttpRequest) -> int:
    asked = request.GET.get("months", "")
    return int(asked) if asked in map(str, LENGTHS) else YEAR


def _day(typed: str) -> date | None:
    """The first day of a month; None for anything else."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if day.day == 1 and 1990 <= day.year < 9000 else None
