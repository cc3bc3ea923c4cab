"""What came of reminders, suggestions and of asking people back."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from crm.staff import staff_of
from loyalty.forms.aftermath import USUAL, AftermathForm, PeopleForm
from loyalty.selectors import aftermath as selectors
from messaging import kinds
from web.paging import read_id


@require_safe
@requires(Capability.SEE_INSIGHTS)
def reorders(request: HttpRequest) -> HttpResponse:
    """The four kinds; what is asked is in the address."""
    form = AftermathForm(USUAL | request.GET.dict())
    if not form.is_valid():
        raise Http404
    days, back = form.cleaned_data["within"], form.cleaned_data["back"]
    context = {
        "form": form,
        "within": days,
        "query": _query(form),
        "rows": selectors.report(days=days, back=back, now=timezone.now()),
    }
    return render(request, "loyalty/reorders.html", context)


@require_safe
@requires(Capability.SEE_INSIGHTS)
def people(request: HttpRequest) -> HttpResponse:
    """Those behind one figure: by name where one may see customers."""
    form = PeopleForm.of(request.GET.dict())
    if not form.is_valid():
        raise Http404
    given = form.cleaned_data
    about = selectors.asked(
        given["kind"], days=given["within"], back=given["back"], now=timezone.now()
    )
    rows, after = selectors.people(
        about,
        given["side"],
        given["did"],
        after=read_id(request.GET.get("after", "")) or 0,
    )
    more = urlencode(request.GET.dict() | {"after": after}) if after else ""
    context = {
        "label": kinds.get(given["kind"]).label,
        "did": given["did"],
        "side": given["side"],
        "within": given["within"],
        "query": _query(form),
        "rows": rows,
        "more": more,
        "sees_people": staff_of(request).can(Capability.SEE_CUSTOMERS),
    }
    return render(request, "loyalty/reorder_people.html", context)


def _query(form: AftermathForm) -> str:
    """What the figures were asked, for an address."""
    return urlencode({name: form.cleaned_data[name] for name in ("within", "back")})
