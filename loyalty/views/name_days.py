"""Settings: the calendars of name days, a new one, the chosen day of a name."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import Capability, requires
from loyalty.forms.name_days import CalendarForm, DayForm
from loyalty.models import NameDayCalendar
from loyalty.selectors import name_days as selectors
from loyalty.services import name_days as service
from web import responses
from web.error_messages import add_to_form, for_error
from web.errors import DomainError

_LONGEST_SEARCH = 60


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.CHANGE_SETTINGS)
def calendar_list(request: HttpRequest) -> HttpResponse:
    """The calendars; POST: one more from a file."""
    is_post = request.method == "POST"
    form = CalendarForm(request.POST, request.FILES) if is_post else CalendarForm()
    if form.is_valid():
        values = dict(form.cleaned_data)
        try:
            made = service.add(values.pop("file"), now=timezone.now(), **values)
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(request, _added(made))
            return responses.see_other(reverse("loyalty:name-days"))
    calendars = list(selectors.calendars())
    taken = {row.name for row in calendars}
    context = {
        "form": form,
        "calendars": calendars,
        "packaged": {
            name: one for name, one in service.PACKAGED.items() if one.name not in taken
        },
    }
    status = responses.UNPROCESSABLE if form.errors else 200
    return render(request, "loyalty/name_days.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.CHANGE_SETTINGS)
def calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """Names that stand on several days; POST `day`: greet on that one."""
    row = get_object_or_404(NameDayCalendar, pk=pk)
    q = request.GET.get("q", "").strip()[:_LONGEST_SEARCH]
    if request.method == "POST":
        form = DayForm(request.POST, calendar=row)
        if not form.is_valid():
            raise Http404
        service.choose(form.cleaned_data["day"], now=timezone.now())
        responses.add_message(request, _("People of that name are greeted then."))
        return responses.see_other(request.get_full_path())
    context = {"calendar": row, "q": q, "names": selectors.several_days(row, q)}
    return render(request, "loyalty/name_day_calendar.html", context)


@require_POST
@requires(Capability.CHANGE_SETTINGS)
def calendar_load(request: HttpRequest, name: str) -> HttpResponse:
    """Take over a calendar that comes with the product."""
    if name not in service.PACKAGED:
        raise Http404
    try:
        made = service.load_packaged(name, now=timezone.now())
    except DomainError as error:
        responses.add_message(request, str(for_error(error)))
    else:
        responses.add_message(request, _added(made))
    return responses.see_other(reverse("loyalty:name-days"))


@require_POST
@requires(Capability.CHANGE_SETTINGS)
def calendar_use(request: HttpRequest, pk: int) -> HttpResponse:
    """`to=on` or `to=off`: named, not toggled, so that twice is once."""
    row = get_object_or_404(NameDayCalendar, pk=pk)
    is_used = request.POST.get("to") == "on"
    service.use(row, is_used=is_used, now=timezone.now())
    words = _("It counts now.") if is_used else _("It does not count any more.")
    responses.add_message(request, words)
    return responses.see_other(reverse("loyalty:name-days"))


@require_POST
@requires(Capability.CHANGE_SETTINGS)
def calendar_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete it with its names."""
    row = get_object_or_404(NameDayCalendar, pk=pk)
    service.delete(row, now=timezone.now())
    responses.add_message(request, _("The calendar is deleted."))
    return responses.see_other(reverse("loyalty:name-days"))


def _added(calendar: NameDayCalendar) -> str:
    count = calendar.days.filter(is_main=True).count()
    text = ngettext(
        "“%(calendar)s” is there with %(count)d name.",
        "“%(calendar)s” is there with %(count)d names.",
        count,
    )
    return text % {"calendar": calendar.name, "count": count}
