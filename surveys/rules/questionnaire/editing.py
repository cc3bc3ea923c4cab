"""Small changes of a questionnaire, each a new one."""

from dataclasses import replace

from surveys.rules.questionnaire.document import (
    WITH_CHOICES,
    Choice,
    Question,
    QuestionKind,
    Questionnaire,
    Scale,
    WordsByLanguage,
)


def added(
    questionnaire: Questionnaire, kind: QuestionKind, scale: Scale | None = None
) -> Questionnaire:
    """With an empty question of this kind behind the others."""
    choices = (Choice("c1"), Choice("c2")) if kind in WITH_CHOICES else ()
    question = Question(
        key=free_key({one.key for one in questionnaire.questions}, "q"),
        kind=kind,
        scale=scale,
        choices=choices,
        has_other=kind is QuestionKind.SOURCE,
    )
    return replace(questionnaire, questions=(*questionnaire.questions, question))


def moved(questionnaire: Questionnaire, key: str, by: int) -> Questionnaire:
    """So many places down, or up where `by` is below 0; as far as there are places."""
    question = questionnaire.question(key)
    if question is None:
        return questionnaire
    rest = [one for one in questionnaire.questions if one is not question]
    place = min(max(questionnaire.place(key) + by, 0), len(rest))
    return replace(questionnaire, questions=(*rest[:place], question, *rest[place:]))


def removed(questionnaire: Questionnaire, key: str) -> Questionnaire:
    """Without it, and without the branches that lead to it."""
    rest = tuple(
        replace(one, branches=tuple(way for way in one.branches if way.goto != key))
        for one in questionnaire.questions
        if one.key != key
    )
    return replace(questionnaire, questions=rest)


def replaced(questionnaire: Questionnaire, question: Question) -> Questionnaire:
    """With this one in the place of that of its key."""
    rest = tuple(
        question if one.key == question.key else one for one in questionnaire.questions
    )
    return replace(questionnaire, questions=rest)


def free_key(taken: set[str], prefix: str) -> str:
    """q1, q2 and so on: the first that is free. Never one of a meaning."""
    number = 1
    while f"{prefix}{number}" in taken:
        number += 1
    return f"{prefix}{number}"


def confidential(questionnaire: Questionnaire, is_confidential: bool) -> Questionnaire:
    """Whether the page promises to show answers to fewer people."""
    return replace(questionnaire, confidential=is_confidential)


def thanking(questionnaire: Questionnaire, texts: WordsByLanguage) -> Questionnaire:
    """With these words in the end, by band and language."""
    said = {band: words for band, words in texts.items() if words}
    return replace(questionnaire, thanks=said)
