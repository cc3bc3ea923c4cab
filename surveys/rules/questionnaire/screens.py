"""Which questions a page holds, and which of them a phone shows at a time."""

from surveys.rules.questionnaire.document import Questionnaire
from surveys.rules.questionnaire.paths import Answers, Given, path, unanswered


def shown(questionnaire: Questionnaire, answers: Answers, at: str) -> tuple[str, ...]:
    """The questions of a page: those that count, up to the first one from `at` on whose
    answer decides what comes next and which has none yet."""
    keys = path(questionnaire, answers)
    here = keys.index(at) if at in keys else 0
    for place, key in enumerate(keys):
        question = questionnaire.question(key)
        is_open = answers.get(key, Given()).is_empty
        if place >= here and is_open and question and question.branches:
            return keys[: place + 1]
    return keys


def screens(
    questionnaire: Questionnaire, keys: tuple[str, ...]
) -> tuple[tuple[str, ...], ...]:
    """What a phone shows at a time: one question, and behind a score its reason."""
    found: list[tuple[str, ...]] = []
    for key in keys:
        if found and _is_reason_of(questionnaire, key, found[-1]):
            found[-1] = (*found[-1], key)
        else:
            found.append((key,))
    return tuple(found)


def goes_on_at(questionnaire: Questionnaire, answers: Answers) -> str:
    """The question at which somebody goes on who comes back: behind the last one that
    is answered, or before it at one that must be; "" where there is none."""
    keys = path(questionnaire, answers)
    given = [place for place, key in enumerate(keys) if _is_given(answers, key)]
    last = given[-1] if given else -1
    for key in unanswered(questionnaire, answers):
        if keys.index(key) < last:
            return key
    behind = [
        screen[0]
        for screen in screens(questionnaire, keys)
        if keys.index(screen[0]) > last
    ]
    return behind[0] if behind else (keys[-1] if keys else "")


def _is_given(answers: Answers, key: str) -> bool:
    return not answers.get(key, Given()).is_empty


def _is_reason_of(
    questionnaire: Questionnaire, key: str, before: tuple[str, ...]
) -> bool:
    lead, reason = questionnaire.lead, questionnaire.reason
    if not (lead and reason) or lead.branches:
        # Its score decides what comes next: that is asked first.
        return False
    return key == reason.key and before == (lead.key,)


def is_short(questionnaire: Questionnaire) -> bool:
    """A score and at most its reason: a page of one screen."""
    return bool(questionnaire.lead) and not questionnaire.further
