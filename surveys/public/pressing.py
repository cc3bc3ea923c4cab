"""What was pressed in a mail, as the page behind it reports it (one-click.js).

A GET shows the press as chosen and keeps nothing. The script of the page then sends
that a browser opened it, and, where the survey keeps scores provisionally, that it
stayed for two seconds. Neither counts anywhere.
"""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone

from crm.visitor import client_address
from messaging.rules.addresses import truncated_ip
from surveys.choices import PressSeen
from surveys.forms.answering import chosen_score
from surveys.rules import questionnaire as q
from surveys.rules.questionnaire import Given, Questionnaire
from surveys.selectors import AnswerPage
from surveys.services import presses, responses
from web.errors import DomainError

REPORTS = frozenset({"opened", "provisional"})


@dataclass(frozen=True)
class Press:
    """For the template: what the address claims, and whether it is kept in the end."""

    name: str
    value: str
    is_kept: bool


def claimed(sent: QueryDict, questionnaire: Questionnaire) -> Given | None:
    """The score or the choice that an address or a report names for the first question;
    None where it names nothing that may be answered."""
    score = chosen_score(sent.getlist("score"))
    given = Given() if score is None else Given(number=score)
    if len(chosen := sent.getlist("answer")) == 1:
        given = Given(choices=(chosen[0],))
    is_wrong = given.is_empty or q.wrong(questionnaire.questions[0], given)
    return None if is_wrong else given


def press_of(
    request: HttpRequest, questionnaire: Questionnaire, *, keeps: bool
) -> Press | None:
    """What the page has to report; None: the visit did not come by a press."""
    found = claimed(request.GET, questionnaire)
    if found is None:
        return None
    if found.number is None:
        return Press("answer", found.choices[0], is_kept=False)
    return Press("score", str(found.number), is_kept=keeps)


def receive(request: HttpRequest, page: AnswerPage) -> HttpResponse:
    """POST: a report of the page's script. Answers with nothing to show."""
    found, now = claimed(request.POST, page.questionnaire), timezone.now()
    is_kept = "provisional" in request.POST
    if found is None or (is_kept and found.number is None):
        return HttpResponse(status=422)
    presses.note(
        page.invitation_id,
        claimed=found,
        seen=PressSeen.STAYED if is_kept else PressSeen.OPENED,
        agent=request.headers.get("User-Agent", ""),
        network=truncated_ip(client_address(request)),
        now=now,
    )
    if not is_kept or found.number is None:
        return HttpResponse(status=204)
    try:
        responses.record_provisional(
            page.invitation_id, score=found.number, language=page.language, now=now
        )
    except DomainError as refusal:
        return HttpResponse(status=refusal.status)
    return HttpResponse(status=204)
