"""What an automation was before; words and settings of then put back."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from crm.access import Capability, requires
from crm.staff import staff_of
from messaging.models import AutomationVersion
from messaging.selectors import automation_versions as selectors
from messaging.services import former_settings, moved_runs, wordings
from messaging.views.automations import found
from web.errors import DomainError
from web.paging import read_id
from web.responses import add_message, add_refusal, see_other
from web.rules.numbers import whole_number


@requires(Capability.SEE_AUTOMATIONS)
@require_safe
def versions(request: HttpRequest, pk: int) -> HttpResponse:
    """The last versions, or those before `?before=`: who, when, and what was changed;
    and how many people are under way in an older one."""
    row = found(pk)
    shown = selectors.versions_of(row, before=read_id(request.GET.get("before", "")))
    last = shown[-1].version.number if shown else 1
    context = {
        "automation": row,
        "versions": shown,
        "older": last if last > 1 else None,
        "behind": moved_runs.behind(row),
        "may_edit": row.archived_at is None
        and staff_of(request).can(Capability.EDIT_AUTOMATIONS),
    }
    return render(request, "messaging/automation_versions.html", context)


@requires(Capability.EDIT_AUTOMATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def move_runs(request: HttpRequest, pk: int) -> HttpResponse:
    """How many people under way would go on in the newest version; POST takes them
    there."""
    row = found(pk)
    if request.method != "POST":
        context = {"automation": row, "behind": moved_runs.behind(row)}
        return render(request, "messaging/automation_runs_move.html", context)
    if row.archived_at is None:
        add_message(request, _moved(moved_runs.move_to_newest(row, now=timezone.now())))
    return see_other(reverse("messaging:automation-versions", args=[pk]))


def _moved(count: int) -> str:
    text = ngettext(
        "%(count)d person goes on in the newest version.",
        "%(count)d people go on in the newest version.",
        count,
    )
    return text % {"count": count}


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def restore(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """POST: the words of `step` in `language` as they were in this version. They become
    the newest version; nothing is lost."""
    row = found(pk)
    version = get_object_or_404(AutomationVersion, automation=row, number=number)
    step = whole_number(request.POST.get("step", "")) or 0
    language = request.POST.get("language", "")
    fields = selectors.words_in(version, step, language)
    if not fields:
        raise Http404
    try:
        wordings.save_wording(
            row, position=step, language=language, fields=fields, now=timezone.now()
        )
    except DomainError as error:
        add_refusal(request, error)
        return see_other(reverse("messaging:automation-versions", args=[pk]))
    add_message(request, _("The words of then are back."))
    return see_other(reverse("messaging:automation-words", args=[pk, step, language]))


@requires(Capability.EDIT_AUTOMATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """What would change if the settings of this version came back; POST puts them
    back."""
    row = found(pk)
    was = get_object_or_404(AutomationVersion, automation=row, number=number)
    if request.method != "POST":
        context = {
            "automation": row,
            "version": was,
            "changes": selectors.settings_back(was),
        }
        return render(request, "messaging/automation_settings_back.html", context)
    seen = whole_number(request.POST.get("version", "")) or 0
    try:
        former_settings.put_back(row, was, version=seen, now=timezone.now())
    except DomainError as error:
        add_refusal(request, error)
        return see_other(reverse("messaging:automation-versions", args=[pk]))
    add_message(request, _("The settings of then are back."))
    return see_other(reverse("messaging:automation", args=[pk]))
