"""Whom an automation leaves out by lot, and what its mail brings."""

from datetime import datetime

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm import selectors as crm
from crm.access import Capability, requires
from crm.staff import staff_of
from messaging import holdout_words
from messaging.forms.holdout import ExpectedForm, HoldoutForm
from messaging.models import Automation
from messaging.selectors import holdout as selectors
from messaging.services import holdout
from messaging.views.automations import UNPROCESSABLE, found
from web.error_messages import add_to_form
from web.errors import DomainError


@requires(Capability.SEE_INSIGHTS)
@require_safe
def holdout_report(request: HttpRequest, pk: int) -> HttpResponse:
    """The comparison, the share that is held out, and how exact it will get."""
    return _page(request, found(pk))


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def holdout_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: hold out another share."""
    row = found(pk)
    form = HoldoutForm(request.POST)
    if form.is_valid():
        try:
            holdout.set_percent(row, **form.cleaned_data, now=timezone.now())
        except DomainError as error:
            add_to_form(form, error)
        else:
            notices.success(request, _("Saved. A new comparison begins now."))
            return redirect("messaging:automation-holdout", pk=pk)
    return _page(request, row, form=form)


def _page(
    request: HttpRequest, row: Automation, *, form: HoldoutForm | None = None
) -> HttpResponse:
    now = timezone.now()
    asked = _expected_form(request, row, now)
    people, share = asked.numbers()
    within = request.GET.get("within", "")
    is_offered = within in map(str, selectors.WITHIN)
    days = int(within) if is_offered else selectors.DEFAULT_WITHIN
    stored = {"percent": row.holdout_percent, "version": row.version}
    report = selectors.report(row, days=days, today=crm.business().day(now))
    context = {
        "automation": row,
        "report": report,
        "figures": holdout_words.figures(report) if report else [],
        "days": days,
        "within": selectors.WITHIN,
        "share": form or HoldoutForm(initial=stored),
        "form": form,
        "asked": asked,
        "people": people,
        "buying": share,
        "options": holdout_words.options(selectors.expected(people, share / 100)),
        "may_hold_out": holdout.may_hold_out(row),
        "may_edit": row.archived_at is None
        and staff_of(request).can(Capability.EDIT_AUTOMATIONS),
    }
    status = UNPROCESSABLE if form else 200
    return render(request, "messaging/holdout.html", context, status=status)


def _expected_form(
    request: HttpRequest, row: Automation, now: datetime
) -> ExpectedForm:
    """What was typed, or the size of the audience and the usual share."""
    if "people" in request.GET:
        return ExpectedForm(request.GET)
    people = selectors.people_of(row, now=now) or selectors.USUAL_PEOPLE
    return ExpectedForm({"people": people, "share": selectors.USUAL_SHARE})
