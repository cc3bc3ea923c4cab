"""What the check of a questionnaire found, as sentences for staff."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from surveys.rules.questionnaire import Problem
from web import formats

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

SENTENCES: "Mapping[str, StrPromise]" = {
    "no_questions": _("There is no question yet."),
    "no_lead": _("The first question must be the score, and required."),
    "key_twice": _("Two questions have the same key."),
    "key_taken": _("This key means something else."),
    "unreachable": _("No answer leads to this question."),
    "no_scale": _("The question has no scale."),
    "reason_is_words": _("The reason for the score must be a long text."),
    "reason_of_nothing": _("It asks for the reason of a score that nobody gives."),
    "branch_nowhere": _("A branch leads to a question that is not there."),
    "branch_back": _("A branch leads back: choose a later question, or the end."),
    "branch_never": _("A branch can never be taken."),
    "too_few_choices": _("Give at least two choices."),
    "choice_twice": _("Two choices have the same key."),
    "no_words": _("The question is not written in %(language)s."),
    "no_choice_words": _("A choice is not written in %(language)s."),
    "no_thanks": _("The thank-you is not written in %(language)s."),
    "nps_words_are_fixed": _("The question of NPS keeps its wording."),
    "bad_link": _("“%(detail)s” is no address that begins with https://."),
    "unknown_fact": _("{%(detail)s} is nothing that can be filled in."),
    "no_fallback": _(
        "Say what is read where it is not known: {%(detail)s|other words}."
    ),
    "stray_brace": _("A brace opens or closes nothing."),
}


def sentence(problem: Problem) -> str:
    """In the language that is active."""
    language = formats.own_language(problem.language) if problem.language else ""
    said = str(SENTENCES[problem.code])
    return said % {"language": language, "detail": problem.detail}
