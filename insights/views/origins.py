"""Where customers came from, what they cost, and the lines of what was spent."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from crm import selectors as crm
from crm.access import Capability, requires
from crm.staff import staff_of
from insights import origin_words, tables
from insights.comparison import Comparison, compare
from insights.figures import Figure
from insights.forms.filters import FilterForm
from insights.forms.spend import SpendForm
from insights.models import Spend
from insights.selectors import (
    closed,
    closed_counts,
    late,
    origin_figures,
    origins,
    overlaps,
    retention,
)
from insights.selectors.groups import names_of
from insights.services import spend as services
from insights.views.reading import Reading, figures_page, reading
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError

SHOWN_LINES = 200


@requires(Capability.SEE_INSIGHTS)
@require_safe
@figures_page
def where_from(request: HttpRequest) -> HttpResponse:
    """Customers gained by source, their cost, and the part of recommendations."""
    read = reading(request)
    form = FilterForm(
        request.GET,
        bases=read.bases,
        horizon=read.horizon or read.today,
        leave="source",
    )
    context = read.context("where-from") | {
        "form": form,
        "as_file": f"?{request.GET.urlencode()}&as=",
        "may_edit": staff_of(request).can(Capability.EDIT_INSIGHTS),
    }
    if read.horizon is not None:
        context |= _figures(read, form)
    if tables.is_asked(request):
        return tables.answer(request, "where-from", _as_figures(context))
    return render(request, "insights/where_from.html", context)


def _figures(read: Reading, form: FilterForm) -> dict[str, Any]:
    assert read.horizon is not None
    asked = form.asked().of("", by="all")
    found = origins.origins(asked, today=read.today)
    heard = overlaps.overlaps(asked, today=read.today)
    row = retention.row_of(asked, "", horizon=read.horizon, today=read.today)
    counts = [(asked.period, row.counts)]
    return {
        "chart": origin_figures.chart(found),
        "compared": _compared(read, form),
        "asked": asked,
        "found": found,
        "is_over": row.is_over,
        "late": late.changed(
            [
                *closed.of_cost(asked.basis, counts, read.horizon),
                *closed_counts.of_gained(asked.basis, counts, read.horizon),
                *closed_counts.of_sources(asked.basis, asked.period, read.horizon),
            ]
        ),
        "questions": origin_words.questions(
            found, row.counts, asked, is_over=row.is_over
        ),
        "shares": origin_words.shares(found.shares),
        "overlaps": origin_words.overlaps(heard),
        "lists": origin_words.lists(found.shares, heard, asked),
        "came_url": asked.people_url("gained"),
        "left_url": asked.people_url("lost"),
        "heard": heard,
        "how": origin_words.how(read.definition, read.basis),
        "how_heard": origin_words.how_heard(),
    }


def _as_figures(context: dict[str, Any]) -> list[Figure]:
    if "found" not in context:
        return []
    compared, is_over = context["compared"], context["is_over"]
    known = (context[name] for name in ("found", "heard", "asked"))
    made = origin_figures.figures(*known, is_over=is_over)
    return [*(compared.figures if compared else ()), *made]


def _compared(read: Reading, form: FilterForm) -> Comparison | None:
    both = form.both()
    if both is None:
        return None
    sides = (
        origin_figures.figures_of(one, horizon=read.horizon, today=read.today)
        for one in both
    )
    is_shared = both[0].overlaps(both[1])
    return compare(names_of(*both), *sides, overlap=is_shared, fill=True)


@requires(Capability.EDIT_INSIGHTS)
@require_http_methods(["GET", "HEAD", "POST"])
def spend(request: HttpRequest) -> HttpResponse:
    """Write down what was spent, and look at what is written."""
    currency = crm.business().currency
    form = SpendForm(request.POST or None, request.FILES or None, currency=currency)
    if request.method == "POST" and form.is_valid():
        try:
            changed = services.put(
                form.cleaned_data["spent"], by=staff_of(request), now=timezone.now()
            )
        except DomainError as error:
            add_to_form(form, error)
        else:
            said = ngettext(
                "%(n)s line was changed.", "%(n)s lines were changed.", changed
            )
            responses.add_message(request, said % {"n": changed})
            return responses.see_other(reverse("insights:spend"))
    status = responses.UNPROCESSABLE if form.errors else 200
    context = reading(request).context("where-from") | {
        "form": form,
        "lines": Spend.objects.order_by("-month", "source", "currency")[:SHOWN_LINES],
    }
    return render(request, "insights/spend.html", context, status=status)
