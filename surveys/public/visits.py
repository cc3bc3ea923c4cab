"""Somebody on the page of a survey of several questions, whichever link led there."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from messaging.public_forms import link_gone
from messaging.public_language import wanted_language
from surveys.errors import AlreadyFinal
from surveys.forms.questions import Sent, read
from surveys.models import Response
from surveys.public.pressing import claimed, press_of
from surveys.public.questions import Asked, page_of
from surveys.public.thanks import thanks_of
from surveys.rules import questionnaire as q
from surveys.rules.questionnaire import Questionnaire, Turned
from surveys.services import responses
from surveys.services.targets import Target
from web.errors import DomainError, InvalidValue

FORM, THANKS = "surveys/questions_form.html", "surveys/answer_thanks.html"


@dataclass(frozen=True)
class Visit:
    """`response`: what they confirmed so far. `path`: of this page; `query`: what stays
    behind it from page to page; `is_personal`: by a link in a mail; `surround`: makes
    what every page of theirs shows besides."""

    asked: Asked
    target: Target
    response: Response | None
    language: str
    path: str
    query: str = ""
    one_click: bool = False
    is_personal: bool = False
    surround: Callable[[], dict[str, Any]] = dict

    @cached_property
    def around(self) -> dict[str, Any]:
        return self.surround()

    @property
    def questionnaire(self) -> Questionnaire:
        return self.asked.questionnaire

    @property
    def is_complete(self) -> bool:
        return self.response is not None and self.response.completed_at is not None

    def url(self, at: str = "") -> str:
        """This page; `at`: going on at a question, which a browser scrolls to."""
        parts = [self.query, f"at={at}" if at else ""]
        query = "&".join(part for part in parts if part)
        return (
            f"{self.path}?{query}" + (f"#q-{at}" if at else "")
            if query
            else (self.path)
        )


def language_query(request: HttpRequest) -> str:
    """The language that was asked for, as it stays in the address."""
    wanted = wanted_language(request)
    return f"lang={wanted}" if wanted else ""


def show(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The questions, where they left off, or what was answered."""
    wants_form = not {"change", "at", "score", "answer"}.isdisjoint(request.GET)
    if visit.is_complete and not (wants_form and _is_changeable(visit)):
        return render(request, THANKS, thanks_of(visit, timezone.now()))
    asked = with_press(visit.asked, request)
    at = request.GET.get("at", "")
    if not at and visit.response and "change" not in request.GET:
        at = q.goes_on_at(visit.questionnaire, visit.asked.answers)
    page = page_of(asked, at=at)
    press = None
    if visit.is_personal and visit.response is None:
        press = press_of(request, visit.questionnaire, keeps=visit.one_click)
    return render(request, FORM, {**_form(visit), **page, "press": press})


def receive(request: HttpRequest, visit: Visit) -> HttpResponse:
    """A person pressed a button: what the page holds is kept."""
    sent = read(visit.questionnaire, request.POST)
    turned = _turned(visit, sent)
    problems = {**dict.fromkeys(turned.missing, "required"), **sent.problems}
    if problems:
        return refuse(request, visit, sent, problems)
    if not turned.answers and visit.response is None:
        if not turned.at:
            nothing = _("Answer one question at least, or just close this page.")
            return refuse(request, visit, sent, {"": nothing})
        return HttpResponseRedirect(visit.url(turned.at))
    try:
        responses.record(
            visit.target,
            given=sent.given,
            complete=not turned.at,
            language=visit.language,
            now=timezone.now(),
        )
    except InvalidValue as error:
        return refuse(request, visit, sent, error.fields)
    except AlreadyFinal as refusal:
        late = {**thanks_of(visit, timezone.now()), "came_too_late": True}
        return render(request, THANKS, late, status=refusal.status)
    except DomainError:
        return link_gone(request)
    return HttpResponseRedirect(visit.url(turned.at))


def refuse(
    request: HttpRequest,
    visit: Visit,
    sent: Sent,
    problems: "dict[str, str]",
    status: int = 422,
) -> HttpResponse:
    """The same page with what was typed, and what is wrong with it."""
    page = page_of(visit.asked, at=sent.at, typed=sent.typed, problems=problems)
    return render(request, FORM, {**_form(visit), **page}, status=status)


def _turned(visit: Visit, sent: Sent) -> Turned:
    questionnaire, before = visit.questionnaire, visit.asked.answers
    if sent.is_complete:
        return q.complete(questionnaire, before, sent.given, sent.shown)
    turn = q.backward if sent.is_back else q.onward
    return turn(questionnaire, before, sent.given, sent.at)


def with_press(asked: Asked, request: HttpRequest) -> Asked:
    """What was pressed in the mail is chosen on the page, and nothing more."""
    found = claimed(request.GET, asked.questionnaire)
    if found is None:
        return asked
    first = asked.questionnaire.questions[0]
    return replace(asked, answers={**asked.answers, first.key: found})


def _is_changeable(visit: Visit) -> bool:
    response = visit.response
    return response is not None and timezone.now() < response.changeable_until


def _form(visit: Visit) -> dict[str, Any]:
    return {
        "here": visit.url(),
        "is_confidential": visit.questionnaire.confidential,
        **visit.around,
    }
