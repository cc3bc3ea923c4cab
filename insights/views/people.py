"""The list of those who were counted: by name where one may see customers."""

from dataclasses import replace
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from psycopg.sql import Composable

from crm import selectors as crm
from crm.access import Capability, requires
from crm.staff import staff_of
from insights import words
from insights.forms.people import PeopleForm
from insights.selectors import definition as definitions
from insights.selectors import overlaps
from insights.selectors import people as selectors
from insights.selectors.asked import who
from insights.selectors.groups import label_of
from insights.sql import overlaps as heard
from insights.sql import people as sql
from insights.sql import signals
from insights.views import TABS
from insights.views.reading import reading
from web.paging import read_id


@requires(Capability.SEE_INSIGHTS)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """The customers of one group of a span, as many as its figure says."""
    form = PeopleForm(request.GET or _everybody(request))
    if not form.is_valid():
        raise Http404
    asked, group = form.asked, form.cleaned_data["group"]
    after = read_id(request.GET.get("after", "")) or 0
    page = selectors.page(_select(form), after=after)
    counts_alone = group in selectors.SAID and not staff_of(request).can(
        Capability.SEE_NOTES
    )
    if counts_alone:
        page = replace(page, customers=[], after=None)
    now = timezone.now()
    context = {
        "tabs": TABS,
        "age": definitions.age(definitions.definition(), now=now),
        "now": now,
        "page": page,
        "counts_alone": counts_alone,
        "title": selectors.GROUP_NAMES[group],
        "period": words.period(asked.period),
        "of": label_of(asked.by, asked.value) if asked.by != "all" else "",
        "basis": words.basis(asked.basis),
        "sees_people": staff_of(request).can(Capability.SEE_CUSTOMERS),
        "older_url": _next(request, page.after),
    }
    return render(request, "insights/people.html", context)


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


def _select(form: PeopleForm) -> Composable:
    """The ids of those who were counted."""
    asked, values = form.asked, form.cleaned_data
    span = (asked.period.starts_on, asked.period.ends_on)
    if values["group"] in sql.BUYERS:
        cohort = (values["since"], values["until"])
        return sql.buyers(values["group"], cohort, span)
    business = crm.business()
    if values["group"] in signals.SIGNALS:
        return signals.ids(values["group"], asked.basis.value, business.zone_name, span)
    today = business.day(timezone.now())
    if values["group"] in heard.HEARD:
        return overlaps.people(asked, values["group"], today=today)
    return sql.ids(asked.basis.value, span, values["group"], who(asked, today=today))


def _next(request: HttpRequest, after: int | None) -> str:
    if after is None:
        return ""
    return "?" + urlencode(request.GET.dict() | {"after": str(after)})
