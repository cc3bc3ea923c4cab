"""One programme in figures, and the people behind each of them."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm import selectors as crm
from crm.access import Capability, requires
from crm.staff import staff_of
from insights import lists, tables
from insights import programme_figures as made
from insights import programme_words as words
from insights.figures import Figure
from insights.forms.programmes import CLOSING, DaysForm, ProgrammePeopleForm
from insights.selectors import kept
from insights.selectors import people as people_selectors
from insights.selectors import programmes as selectors
from insights.selectors.programmes import USUAL_DAYS, Outstanding
from loyalty.models import Programme
from web.paging import read_id

# Months of the ledger that the page shows; files have all.
SHOWN_MONTHS = 12


@requires(Capability.SEE_INSIGHTS)
@require_safe
def programme(request: HttpRequest, pk: int) -> HttpResponse:
    """What is outstanding, came and went, ran out, and who buys again."""
    row = get_object_or_404(Programme, pk=pk)
    form = DaysForm({"days": request.GET.get("days", USUAL_DAYS)})
    if not form.is_valid():
        raise Http404
    days, today = form.asked_days, crm.business().day(timezone.now())
    if tables.is_asked(request):
        found = made.figures(row, selectors.last_days(today, days), today=today)
        return tables.answer(request, f"programme-{row.pk}", found)
    with kept.times() as read:
        held, by_month = selectors.outstanding(row, today=today), _months(row)
    asked = selectors.last_days(today, days)
    shown: dict[str, Any] = {
        "programme": row,
        "form": form,
        "as_file": f"?days={days}&as=",
        # What it is worth stands in the sentence.
        "states": [
            one for one in made.states(row, held) if not one.key.endswith(".worth")
        ],
        "expiring": _expiring(row, held),
        **by_month,
        "kept_at": min(read, default=None),
        **_breakages(row),
        "breakage_counted_at": selectors.breakage_counted_at(row),
        "how_breakage": words.how_breakage(),
        "compared": made.comparison(row, asked, selectors.compared(row, asked)),
        "how_compared": words.how_compared(asked),
        "warning": words.warning(),
    }
    return render(request, "insights/programme.html", shown)


def _expiring(
    row: Programme, held: Outstanding
) -> list[tuple[str, Figure, Figure | None]]:
    """Month, units, and what they are worth where that is known."""
    by_key = {one.key: one for one in made.expiring(row, held)}
    found = []
    for month, _held in held.months:
        key = f"programme.{row.pk}.open.{words.month_key(month)}"
        found.append((words.month_name(month), by_key[key], by_key.get(f"{key}.worth")))
    return found


def _months(row: Programme) -> dict[str, Any]:
    """The latest months, each with its sums of the kinds that there are, and what was
    left at its end."""
    found = selectors.by_month(row)
    kinds = [kind for kind in selectors.KINDS if any(kind in one.sums for one in found)]
    names = [words.KIND_NAMES[kind] for kind in kinds]
    lines = []
    for one in reversed(found[-SHOWN_MONTHS:]):
        by_key = {figure.key: figure for figure in made.months(row, [one])}
        key = words.month_key(one.month)
        cells = [by_key.get(f"programme.{row.pk}.{kind}.{key}") for kind in kinds]
        closing = by_key[f"programme.{row.pk}.{CLOSING}.{key}"]
        pairs = list(zip(names, cells, strict=True))
        lines.append((words.month_name(one.month), pairs, closing))
    return {"kinds": names, "months": lines, "is_cut": len(found) > SHOWN_MONTHS}


def _breakages(row: Programme) -> dict[str, Any]:
    """What became of what was earned in the latest months of which nothing is left, and
    how many months are not over."""
    found = selectors.breakage(row)
    over = [one for one in found if not one.left]
    shown = over[-SHOWN_MONTHS:]
    lines = [
        (
            words.month_name(one.month),
            figure,
            *(made.written_units(row, n) for n in (one.used, one.ran_out)),
        )
        for one, figure in zip(shown, made.breakages(row, shown), strict=True)
    ]
    return {
        "breakages": lines[::-1],
        "breakages_cut": len(over) > SHOWN_MONTHS,
        "not_over": len(found) - len(over),
    }


@requires(Capability.SEE_INSIGHTS)
@require_safe
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """Those behind one figure: by name where one may see customers."""
    row = get_object_or_404(Programme, pk=pk)
    form = ProgrammePeopleForm({"what": "open"} | request.GET.dict())
    if not form.is_valid():
        raise Http404
    select = lists.of_programme(row, form, today=crm.business().day(timezone.now()))
    after = read_id(request.GET.get("after", "")) or 0
    page = people_selectors.page(select, after=after)
    query = request.GET.dict() | {"after": str(page.after)}
    context = {
        "programme": row,
        "page": page,
        "filters": form.data,
        "title": _title(form),
        "sees_people": staff_of(request).can(Capability.SEE_CUSTOMERS),
        "older_url": f"?{urlencode(query)}" if page.after is not None else "",
    }
    return render(request, "insights/programme_people.html", context)


def _title(form: ProgrammePeopleForm) -> str:
    what = form.cleaned_data["what"]
    sides = {
        "member": _("Members"),
        "member-again": _("Members who ordered again"),
        "other": _("Others"),
        "other-again": _("Others who ordered again"),
        "lost": _("Earned, and ran out"),
        CLOSING: words.CLOSING,
    }
    name = str(sides.get(what) or words.name_of(what))
    if not form.cleaned_data["month"]:
        return name
    month = {"what": name, "month": words.month_name(form.month_on)}
    return _("%(what)s: %(month)s") % month
