"""What runs by itself: on and off, when, in which words, and whom it would reach."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages as notices
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from crm.access import Capability, requires
from crm.staff import staff_of
from messaging import kinds
from messaging.errors import AutomationArchived
from messaging.forms.automations import AutomationForm, own_fields
from messaging.forms.steps import StepChangeForm, StepForm
from messaging.models import Automation
from messaging.selectors import automation_sentence
from messaging.selectors import automations as selectors
from messaging.selectors.automation_sentence import PARTS
from messaging.selectors.automation_steps import steps_of, unsaid_offer
from messaging.selectors.automations import audience_now
from messaging.selectors.forecasts import coming as coming_days
from messaging.selectors.outlooks import waiting_for_room
from messaging.services import automation_rows, automations
from web.error_messages import add_to_form, for_error
from web.errors import DomainError
from web.rules.numbers import whole_number
from web.templatetags.charts import DayCount

UNPROCESSABLE = 422


@requires(Capability.SEE_AUTOMATIONS)
@require_safe
def automation_list(request: HttpRequest) -> HttpResponse:
    """Every automation, in the order in which they go first."""
    context = {
        "lines": selectors.lines(
            moved=whole_number(request.GET.get("moved", "")),
            went=request.GET.get("went", ""),
        ),
        "archived": selectors.archived(),
        "may_edit": staff_of(request).can(Capability.EDIT_AUTOMATIONS),
    }
    return render(request, "messaging/automation_list.html", context)


@requires(Capability.SEE_AUTOMATIONS)
@require_safe
def automation(request: HttpRequest, pk: int) -> HttpResponse:
    """One automation; its forms answer to their own addresses."""
    return automation_page(request, found(pk))


def found(pk: int) -> Automation:
    """One of a kind that the code still knows, archived or not; else 404."""
    known = [kind.name for kind in kinds.swept_kinds()]
    return get_object_or_404(Automation, pk=pk, kind__in=known)


def automation_page(
    request: HttpRequest,
    row: Automation,
    *,
    form: AutomationForm | None = None,
    new_step: StepForm | None = None,
    step_form: StepChangeForm | None = None,
    step: int = 0,
) -> HttpResponse:
    """The page of one automation; with a form of it that was refused, 422."""
    kind = kinds.get(row.kind)
    now = timezone.now()
    # Several parts of the page read them.
    prefetch_related_objects([row], "steps__wordings")
    may_edit = staff_of(request).can(Capability.EDIT_AUTOMATIONS)
    part = _part(request.POST if form else request.GET, "part" if form else "change")
    asked = part and may_edit and row.archived_at is None
    refused = form or new_step or step_form
    context = {
        "automation": row,
        "kind": kind,
        **coming_of(row, now=now),
        "sentences": automation_sentence.sentences(row),
        # The part whose form is open, and the one that was saved a moment ago.
        "part": part,
        "part_label": automation_sentence.LABELS.get(part, ""),
        "changed": request.GET.get("changed", ""),
        "timing": form
        or (AutomationForm.of(row, only=_fields(row, part)) if asked else None),
        "audience": audience_now(row.audience, now=now),
        "first": selectors.first_of(row),
        "is_deletable": automation_rows.is_deletable(
            row, of_kind=Automation.objects.filter(kind=row.kind)
        ),
        "waiting": waiting_for_room(row, now=now),
        "language": _language(request.GET.get("language", "")),
        "languages": settings.LANGUAGES,
        "steps": steps_of(row, refused=step_form, position=step),
        "new_step": new_step or StepForm(),
        "may_add_step": len(row.steps.all()) < kind.most_steps,
        "may_edit": row.archived_at is None and may_edit,
        "panel": kind.panel(row, now),
        "may_measure": staff_of(request).can(Capability.SEE_INSIGHTS),
        "may_restore": row.archived_at and may_edit,
        # base.html puts "Error:" before the title where this has errors.
        "form": refused,
        "now": now,
    }
    status = UNPROCESSABLE if refused else 200
    return render(request, "messaging/automation.html", context, status=status)


def _part(asked: QueryDict, name: str) -> str:
    """The part of the sentence whose form is asked for; "all", or "" for none."""
    part = asked.get(name, "all" if name == "part" else "")
    return part if part in automation_sentence.LABELS else ""


def _fields(row: Automation, part: str) -> Collection[str]:
    """The fields of the form of that part; none: all there are."""
    return tuple(own_fields(row)) if part == "about" else PARTS.get(part, ())


def coming_of(row: Automation, *, now: datetime) -> dict[str, Any]:
    """Whom it would reach in the days ahead, for the page and before switching on."""
    coming = coming_days(row, now=now)
    return {
        "coming": coming,
        # What in its words looks like an offer though no step says that it holds one.
        "unsaid_offers": [
            found for step in row.steps.all() if (found := unsaid_offer(step))
        ],
        "bars": [DayCount(on, count) for on, count in coming.days],
    }


def _language(code: str) -> str:
    return code if code in dict(settings.LANGUAGES) else "en"


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: save one part of the sentence (`part`), or all of them; or the page again
    with errors."""
    row = found(pk)
    part = _part(request.POST, "part")
    form = AutomationForm.of(row, request.POST, only=_fields(row, part))
    if not form.is_valid():
        return automation_page(request, row, form=form)
    try:
        automations.edit(row, **form.changes(), now=timezone.now())
    except DomainError as error:
        add_to_form(form, error)
        return automation_page(request, row, form=form)
    notices.success(request, _("Saved."))
    page = reverse("messaging:automation", args=[pk])
    # The part of the sentence takes the focus again.
    return redirect(f"{page}?changed={part}")


@requires(Capability.EDIT_AUTOMATIONS)
@require_safe
def before_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask before it is switched on: to how many people it would write."""
    row = found(pk)
    if row.archived_at:
        return redirect("messaging:automation", pk=pk)
    now = timezone.now()
    context = {
        "automation": row,
        **coming_of(row, now=now),
        "now": now,
        "sentences": automation_sentence.sentences(row),
    }
    return render(request, "messaging/automation_on.html", context)


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """`to=on` or `to=off`: named, not toggled, so that twice is once."""
    row = found(pk)
    if request.POST.get("to") == "on":
        return _switch_on(request, row)
    automations.switch_off(row, now=timezone.now())
    notices.success(request, _("Switched off. Nothing more is planned."))
    return redirect("messaging:automation", pk=pk)


def _switch_on(request: HttpRequest, row: Automation) -> HttpResponse:
    try:
        automations.switch_on(row, now=timezone.now())
    except AutomationArchived as error:
        notices.error(request, for_error(error))
    else:
        coming = coming_days(row, now=timezone.now())
        is_known = coming.made_at is not None
        text = _switched_on(coming.going) if is_known else _("Switched on.")
        notices.success(request, text)
    return redirect("messaging:automation", pk=row.pk)


def _switched_on(count: int) -> str:
    text = ngettext(
        "Switched on: %(count)d mail in 30 days.",
        "Switched on: %(count)d mails in 30 days.",
        count,
    )
    return text % {"count": count}
