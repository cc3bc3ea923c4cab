"""What customers of before bring now, and the lists of people behind that."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm import segment_people
from crm import selectors as crm
from crm.access import Capability, requires
from crm.models import Customer, Segment
from crm.staff import staff_of
from insights import money_charts, money_words, tables
from insights.choices import Basis
from insights.metrics.spans import LENGTHS, YEAR, Pair
from insights.selectors import money
from insights.sql.money import GROUPS
from insights.views import TABS
from web.formats import full_day
from web.rules.money import CURRENCIES

PAGE = 50
_CURSOR = re.compile(r"(\d{1,16}(?:\.\d{1,4})?)_(\d{1,18})")


@requires(Capability.SEE_INSIGHTS)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The Money page, or its figures as a file (`as=csv` or `as=xlsx`)."""
    now = timezone.now()
    months, ends_on = _months(request), _day(request.GET.get("to", ""))
    found = money.currencies(months=months, ends_on=ends_on)
    figures = [figure for one in found for figure in one.figures]
    if tables.is_asked(request):
        return tables.answer(request, "money", figures)
    chosen = ends_on or (found[0].row.ends_on if found else None)
    context = {
        "tabs": TABS,
        "here": "money",
        "currencies": [(one, money_charts.charts(one)) for one in found],
        "compared": money_words.compared(months),
        "months": months,
        "lengths": [(one, money_words.compared(one)) for one in LENGTHS],
        "ends": [(end.isoformat(), full_day(end)) for end in money.ends_known(months)],
        "chosen": chosen.isoformat() if chosen else "",
        "age": money.age(),
        "now": now,
        **_segment(request, chosen, months, now),
    }
    return render(request, "insights/money.html", context)


@requires(Capability.SEE_INSIGHTS)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Those behind a figure, the most at stake first; names for who may see them."""
    pair, basis, currency, group = _asked(request, timezone.now())
    sees_names = staff_of(request).can(Capability.SEE_CUSTOMERS)
    rows = list(
        money.spenders(
            pair, basis, currency, group, after=_cursor(request), most=PAGE + 1
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


def _named(
    rows: list[money.Spender], *, names: bool
) -> list[tuple[money.Spender, Customer | None]]:
    found = Customer.objects.in_bulk([row.customer_id for row in rows]) if names else {}
    return [(row, found.get(row.customer_id)) for row in rows]


def _more_url(request: HttpRequest, last: money.Spender | None) -> str:
    if last is None:
        return ""
    named = {key: value for key, value in request.GET.items() if key != "after"}
    return "?" + urlencode({**named, "after": f"{last.stake}_{last.customer_id}"})


def _cursor(request: HttpRequest) -> tuple[Decimal, int] | None:
    found = _CURSOR.fullmatch(request.GET.get("after", ""))
    return (Decimal(found[1]), int(found[2])) if found else None


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


def _segment(
    request: HttpRequest, ends_on: date | None, months: int, now: datetime
) -> dict[str, Any]:
    """The same figures of one segment's people, counted now."""
    choices = list(Segment.objects.order_by("name"))
    asked = request.GET.get("segment", "")
    chosen = next((one for one in choices if str(one.pk) == asked), None)
    if chosen is None or ends_on is None:
        return {"segments": choices, "segment": None, "in_segment": []}
    today = crm.business().day(now)
    ids = segment_people.compiled(chosen, today=today)
    rows = money.in_segment(ids, pair=Pair(ends_on, months), today=today, now=now)
    return {"segments": choices, "segment": chosen, "in_segment": rows}
