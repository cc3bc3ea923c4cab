"""The page on which staff put a step into words: one language beside another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import translation

from messaging import kinds, words
from messaging.models import AutomationStep


@dataclass(frozen=True)
class Language:
    """`is_own`: staff have words of their own in it. `is_missing`: they have none, and
    have some in others, so that its readers get ours."""

    code: str
    is_own: bool
    is_missing: bool


@dataclass(frozen=True)
class Row:
    """One text: its field, the same text in the language beside, and its placeholders
    with what each becomes. Of a picture the texts are names."""

    field: Any
    beside: str
    ours: str
    chips: Sequence[tuple[str, str]]
    is_picture: bool = False


def languages(step: AutomationStep) -> list[Language]:
    """All that customers may read, in their order."""
    own = {row.language for row in step.wordings.all() if row.fields}
    return [
        Language(code, code in own, bool(own) and code not in own)
        for code, _ in settings.LANGUAGES
    ]


def beside(step: AutomationStep, language: str, asked: str) -> str:
    """The language to translate from: what was asked for, or one that has words of
    staff, or English; never the one that is edited."""
    codes = [one.code for one in sorted(languages(step), key=lambda it: not it.is_own)]
    return next(code for code in (asked, *codes) if code in codes and code != language)


def saved_words(step: AutomationStep, language: str) -> dict[str, str]:
    """Staff's own words of a step in one language; none: the product's."""
    # Of those that the step was read with, where it was: a page shows them all.
    own = (row.fields for row in step.wordings.all() if row.language == language)
    return dict(next(own, {}))


def rows(
    form: Any,
    step: AutomationStep,
    *,
    language: str,
    beside: str,
    become: Mapping[str, str],
) -> list[Row]:
    """The texts of a step, with the bound fields of this form."""
    theirs, ours = texts(step, beside), _ours(step, language)
    known = words.fields_of(kinds.get(step.automation.kind), step.origin)
    return [
        Row(
            form[field.name],
            theirs.get(field.name, ""),
            ours[field.name],
            [(f"{{{name}}}", become.get(name, "")) for name in field.placeholders],
            field.is_picture,
        )
        for field in known
    ]


def texts(step: AutomationStep, language: str) -> dict[str, str]:
    """What its mail says in that language: staff's words, else the product's."""
    return {**_ours(step, language), **saved_words(step, language)}


def _ours(step: AutomationStep, language: str) -> dict[str, str]:
    known = words.fields_of(kinds.get(step.automation.kind), step.origin)
    with translation.override(language):
        texts = {field.name: str(field.default) for field in known}
    return {**texts, **own_texts(step, language)}


def own_texts(step: AutomationStep, language: str) -> dict[str, str]:
    """The product's own texts of a step that depend on what it is about."""
    if step.origin != 1:
        return {}
    with translation.override(language):
        found = kinds.get(step.automation.kind).words_of(step.automation)
        return {name: str(text) for name, text in found.items()}
