"""The list of those who were counted: by name where one may see customers."""

from dataclasses import replace
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm import selectors as crm
from crm.access import Capability, requires
from crm.staff import staff_of
from insights import lists, words
from insights.forms.people import PeopleForm
from insights.metrics.periods import ONE_DAY, Period
from insights.selectors import definition as definitions
from insights.selectors import people as selectors
from insights.selectors.groups import label_of
from insights.sql.again import LATER
from insights.views import TABS
from insights.views.reading import reading
from web.paging import read_id


@requires(Capability.SEE_INSIGHTS)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """The customers of one group of a span, as many as its figure says."""
    form = PeopleForm(request.GET.dict() or _everybody(request))
    if not form.is_valid():
        raise Http404
    asked, group = form.asked, form.cleaned_data["group"]
    now = timezone.now()
    select = lists.of_figure(form, today=crm.business().day(now))
    page = selectors.page(select, after=read_id(request.GET.get("after", "")) or 0)
    counts_alone = group in selectors.SAID and not staff_of(request).can(
        Capability.SEE_NOTES
    )
    if counts_alone:
        page = replace(page, customers=[], after=None)
    context = {
        "tabs": TABS,
        "age": definitions.age(definitions.definition(), now=now),
        "now": now,
        "page": page,
        "counts_alone": counts_alone,
        "title": selectors.GROUP_NAMES[group],
        "period": _period(form),
        "of": label_of(asked.by, asked.value) if asked.by != "all" else "",
        "basis": words.basis(asked.basis),
        "sees_people": staff_of(request).can(Capability.SEE_CUSTOMERS),
        "older_url": _next(request, page.after),
        # Of an address that asks for nobody, what it shows.
        "filters": form.data,
    }
    return render(request, "insights/people.html", context)


def _period(form: PeopleForm) -> str:
    """When; of cohorts, when they came and how much later they bought."""
    values = form.cleaned_data
    if values["group"] == LATER:
        span = Period(values["since"], values["until"] + ONE_DAY)
        return words.later(span, values["unit"], values["step"])
    return words.period(form.asked.period)


def _everybody(request: HttpRequest) -> dict[str, str]:
    """Who is a customer now, for an address that asks for nobody."""
    read = reading(request)
    last = read.horizon or read.today
    return {
        "group": "end",
        "basis": read.basis.value,
        "first": last.isoformat(),
        "last": last.isoformat(),
    }


def _next(request: HttpRequest, after: int | None) -> str:
    if after is None:
        return ""
    return "?" + urlencode(request.GET.dict() | {"after": str(after)})
