"""Who is asked, and when."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.access import Capability, requires
from messaging.selectors.outbox import in_words
from surveys.forms import SurveyForm, as_saved
from surveys.models import Survey
from surveys.selectors.requests import has_requests
from surveys.services import limits, settings
from surveys.views.parts import survey_or_404, tab
from web.errors import StaleVersion


@requires(Capability.EDIT_AUTOMATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def survey_settings(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is asked, and when; on and off, hour and wording are the automation's."""
    found = survey_or_404(pk)
    askings = list(found.askings.all())
    if request.method != "POST":
        saved = as_saved(found, askings)
        form = SurveyForm(survey=found, askings=askings, initial=saved)
        return _settings_page(request, found, form)
    form = SurveyForm(request.POST, survey=found, askings=askings)
    if not form.is_valid():
        return _settings_page(request, found, form, status=422)
    try:
        settings.edit_survey(
            found,
            version=form.cleaned_data["version"],
            changes=form.changes(),
            rhythms=form.rhythms(),
            now=timezone.now(),
        )
    except StaleVersion as conflict:
        found = survey_or_404(pk)
        form.add_error(None, _stale(form, found))
        return _settings_page(request, found, form, status=conflict.status)
    messages.success(request, _("Saved"))
    return redirect("surveys:survey-settings", pk=pk)


def _settings_page(
    request: HttpRequest, found: Survey, form: SurveyForm, status: int = 200
) -> HttpResponse:
    over = limits.over([found.pk], now=timezone.now()).get(found.pk)
    context = {
        "survey": found,
        "form": form,
        "over": in_words(over.code) if over else "",
        "has_requests": has_requests(found),
        **tab(request, "settings"),
    }
    return render(request, "surveys/survey_settings.html", context, status=status)


def _stale(form: SurveyForm, now_saved: Survey) -> str:
    """What stands there now, field by field, beside what was entered."""
    saved = as_saved(now_saved, list(now_saved.askings.all()))
    there = ", ".join(
        f"{field.label}: {saved[name]}"
        for name, field in form.fields.items()
        if name in saved and name != "version"
    )
    return _(
        "Somebody else changed this in the meantime. It now says: %(there)s. Your "
        "entries are still below; load the page again to begin from theirs."
    ) % {"there": there}
