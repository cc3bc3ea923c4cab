"""Edit the questions of a survey: always a draft, which goes live as a whole."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_POST,
    require_safe,
)

from crm.access import Capability, requires
from crm.staff import staff_of
from surveys import editor_words
from surveys.models import Survey
from surveys.question_problems import sentence
from surveys.rules import questionnaire as q
from surveys.rules.questionnaire import ASKED_SCALES, QuestionKind
from surveys.selectors.editor import Editor, editor, versions
from surveys.services import editing
from surveys.views.parts import survey_or_404, tab
from web.errors import DomainError
from web.responses import add_message, add_refusal, see_other
from web.rules.numbers import whole_number

# What "add" may send: a kind, and behind a colon the scale of a score.
ADDED = {
    **{f"score:{scale.value}": (QuestionKind.SCORE, scale) for scale in ASKED_SCALES},
    **{kind.value: (kind, None) for kind in QuestionKind if kind != QuestionKind.SCORE},
}


@requires(Capability.EDIT_AUTOMATIONS)
@require_safe
def questions(request: HttpRequest, pk: int) -> HttpResponse:
    """The Questions tab: what is asked, what is wrong with it, and its versions."""
    found = survey_or_404(pk)
    shown = editor(found)
    context = {
        "survey": found,
        "editor": shown,
        "rows": _rows(shown),
        "problems": [(one, sentence(one)) for one in shown.problems],
        "kinds": _kinds(),
        "versions": versions(found),
        **tab(request, "questions"),
    }
    return render(request, "surveys/survey_questions.html", context)


def _rows(shown: Editor) -> list[dict[str, Any]]:
    """Each question with what its line says."""
    wrong = {one.question for one in shown.problems}
    titles = {
        one.key: editor_words.title_of(one, shown.shop_language)
        for one in shown.questionnaire.questions
    }
    return [
        {
            "question": one,
            "title": titles[one.key],
            "kind": editor_words.kind_of(one),
            "leads_to": list(
                dict.fromkeys(
                    titles.get(way.goto, _("the end")) for way in one.branches
                )
            ),
            "is_wrong": one.key in wrong,
        }
        for one in shown.questionnaire.questions
    ]


def _kinds() -> list[tuple[str, str]]:
    scales = [
        (f"score:{scale.value}", str(said))
        for scale, said in editor_words.SCALES.items()
    ]
    plain = [
        (kind.value, str(said))
        for kind, said in editor_words.KINDS.items()
        if kind is not QuestionKind.SCORE
    ]
    return [*plain, *scales]


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def questions_change(request: HttpRequest, pk: int) -> HttpResponse:
    """POST `do`: add, up, down, remove; rename; or switch `confidential`."""
    found, do = survey_or_404(pk), request.POST.get("do", "")
    if do == "rename":
        return done(request, found, _renamed(request, found), _("Saved."))
    key = request.POST.get("key", "")
    changes: dict[str, tuple[Callable[[q.Questionnaire], q.Questionnaire], str]] = {
        "up": (lambda one: q.moved(one, key, -1), _("The question has moved.")),
        "down": (lambda one: q.moved(one, key, 1), _("The question has moved.")),
        "remove": (lambda one: q.removed(one, key), _("The question is removed.")),
        "open": (lambda one: q.confidential(one, False), _("Saved.")),
        "confidential": (lambda one: q.confidential(one, True), _("Saved.")),
    }
    if do == "add":
        return _add(request, found)
    if do not in changes:
        raise Http404
    how, said = changes[do]
    return changed(request, found, how, said)


def _renamed(request: HttpRequest, found: Survey) -> Callable[[], object]:
    return lambda: editing.rename(
        found,
        version=version_sent(request),
        name=request.POST.get("name", ""),
        now=timezone.now(),
    )


def _add(request: HttpRequest, found: Survey) -> HttpResponse:
    wanted = ADDED.get(request.POST.get("kind", ""))
    if wanted is None or len(editor(found).questionnaire.questions) >= q.MOST_QUESTIONS:
        add_message(request, _("Nothing was added."))
        return see_other(page_of(found))
    return changed(
        request, found, lambda one: q.added(one, *wanted), _("Now give it its words.")
    )


def changed(
    request: HttpRequest,
    found: Survey,
    how: Callable[[q.Questionnaire], q.Questionnaire],
    said: str,
) -> HttpResponse:
    """Change the draft, and offer to take it back."""
    draft = editing.draft_of(found)
    before = draft.content if draft else None
    try:
        after = editing.change(
            found,
            version=version_sent(request),
            how=how,
            by=staff_of(request),
            now=timezone.now(),
        )
    except DomainError as error:
        add_refusal(request, error)
        return see_other(page_of(found))
    request.session[undo_key(found)] = {"version": after.version, "content": before}
    add_message(
        request, said, reverse("surveys:survey-questions-undo", args=[found.pk])
    )
    return see_other(page_of(found))


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def questions_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: the questions as they were before the last change of this colleague."""
    found = survey_or_404(pk)
    kept = request.session.pop(undo_key(found), None)
    if kept is None or kept["version"] != found.version:
        add_message(request, _("There is nothing to take back any more."))
        return see_other(page_of(found))
    return done(
        request,
        found,
        lambda: editing.put_back(
            found,
            version=kept["version"],
            content=kept["content"],
            by=staff_of(request),
            now=timezone.now(),
        ),
        _("Taken back."),
    )


def version_sent(request: HttpRequest) -> int:
    """Of the survey, as the page that was pressed knew it."""
    return whole_number(request.POST.get("version", "")) or 0


def done(
    request: HttpRequest,
    found: Survey,
    act: Callable[[], object],
    said: str,
    undo_url: str = "",
) -> HttpResponse:
    """Back on the page of the questions, with what was done or why not."""
    try:
        act()
    except DomainError as error:
        add_refusal(request, error)
    else:
        add_message(request, said, undo_url)
    return see_other(page_of(found))


def undo_key(found: Survey) -> str:
    """Where a session holds the questions of before the last change."""
    return f"survey_before:{found.pk}"


def page_of(found: Survey) -> str:
    """The address of the questions."""
    return reverse("surveys:survey-questions", args=[found.pk])
