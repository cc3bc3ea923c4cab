"""What a page that was sent means: what is kept, what is missing, where it goes on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from surveys.rules.questionnaire.document import Questionnaire
from surveys.rules.questionnaire.paths import Answers, Given, kept, path, unanswered
from surveys.rules.questionnaire.screens import screens


@dataclass(frozen=True)
class Turned:
    """`at`: the question that comes next; "": nothing does, the answer is complete.
    `missing`: what must be answered first, and then nothing is turned."""

    answers: Mapping[str, Given] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    at: str = ""


def complete(
    questionnaire: Questionnaire,
    before: Answers,
    given: Answers,
    shown: Collection[str],
) -> Turned:
    """All of it was sent. Where what was changed leads to questions that nobody has
    seen yet, they come first."""
    answers = {**before, **given}
    keys = path(questionnaire, answers)
    unseen = [key for key in keys if key not in shown and key not in before]
    missing = [key for key in unanswered(questionnaire, answers) if key not in unseen]
    return Turned(
        answers=kept(questionnaire, answers),
        missing=tuple(missing),
        at=unseen[0] if unseen else "",
    )


def onward(
    questionnaire: Questionnaire, before: Answers, given: Answers, at: str
) -> Turned:
    """*Next* at a question: all up to its screen is sent."""
    answers = {**before, **given}
    pages = screens(questionnaire, path(questionnaire, answers))
    here = _screen_with(pages, at)
    seen = {key for page in pages[: here + 1] for key in page}
    missing = [key for key in unanswered(questionnaire, answers) if key in seen]
    behind = pages[here + 1 :]
    return Turned(
        answers=kept(questionnaire, answers),
        missing=tuple(missing),
        at=behind[0][0] if behind else "",
    )


def backward(
    questionnaire: Questionnaire, before: Answers, given: Answers, at: str
) -> Turned:
    """*Back* at a question: what was typed is kept, and nothing must be answered."""
    answers = {**before, **given}
    pages = screens(questionnaire, path(questionnaire, answers))
    here = max(0, _screen_with(pages, at) - 1)
    return Turned(
        answers=kept(questionnaire, answers), at=pages[here][0] if pages else ""
    )


def _screen_with(pages: tuple[tuple[str, ...], ...], at: str) -> int:
    found = (place for place, page in enumerate(pages) if at in page)
    return next(found, 0)
