"""The life of a survey: made as a draft, put live, closed, archived."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import Capability, requires
from crm.staff import staff_of
from surveys.choices import SurveyState
from surveys.forms.editor import NewSurveyForm
from surveys.selectors.editor import editor
from surveys.services import editing
from surveys.starting_points import STARTING_POINTS
from surveys.views.editor import done, page_of, undo_key, version_sent
from surveys.views.parts import survey_or_404
from web.error_messages import add_to_form
from web.errors import DomainError
from web.responses import UNPROCESSABLE, add_message, see_other


@requires(Capability.EDIT_AUTOMATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def survey_new(request: HttpRequest) -> HttpResponse:
    """What a survey may begin with. POST makes it, as a draft."""
    form = NewSurveyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        point = STARTING_POINTS[form.cleaned_data["begin"]]
        try:
            made = editing.make(
                name=form.cleaned_data["name"],
                kind=point.kind,
                questionnaire=point.make(),
                by=staff_of(request),
                now=timezone.now(),
            )
        except DomainError as error:
            add_to_form(form, error)
        else:
            add_message(request, _("The survey is a draft: nobody is asked yet."))
            return see_other(page_of(made))
    status = UNPROCESSABLE if form.errors else 200
    chosen = request.POST.get("begin") or "nps"
    context = {"form": form, "points": STARTING_POINTS.values(), "chosen": chosen}
    return render(request, "surveys/survey_new.html", context, status=status)


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: the draft is what people answer from now on."""
    found = survey_or_404(pk)
    return done(
        request,
        found,
        lambda: editing.publish(
            found,
            version=version_sent(request),
            has_problems=bool(editor(found).problems),
            now=timezone.now(),
        ),
        _("It is live. Those who have begun keep the questions they saw."),
    )


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def drop_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: forget what is not live yet."""
    found = survey_or_404(pk)
    draft = editing.draft_of(found)

    def drop() -> None:
        after = editing.drop_draft(
            found, version=version_sent(request), now=timezone.now()
        )
        content = draft.content if draft else None
        kept = {"version": after.version, "content": content}
        request.session[undo_key(found)] = kept

    undo = reverse("surveys:survey-questions-undo", args=[pk])
    return done(request, found, drop, _("The changes are forgotten."), undo)


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def set_state(request: HttpRequest, pk: int) -> HttpResponse:
    """POST `to`: live, closed, archived or restored."""
    found, to, now = survey_or_404(pk), request.POST.get("to", ""), timezone.now()
    acts: dict[str, tuple[Callable[[], object], str]] = {
        "closed": (
            lambda: editing.set_state(found, state=SurveyState.CLOSED, now=now),
            _("Closed: nobody can begin to answer. Those who have begun may finish."),
        ),
        "live": (
            lambda: editing.set_state(found, state=SurveyState.LIVE, now=now),
            _("Open again."),
        ),
        "archived": (
            lambda: editing.set_archived(found, archived=True, now=now),
            _("Archived, with all its answers."),
        ),
        "restored": (
            lambda: editing.set_archived(found, archived=False, now=now),
            _("Restored. It is closed until you open it."),
        ),
    }
    if to not in acts:
        raise Http404
    act, said = acts[to]
    return done(request, found, act, said)
