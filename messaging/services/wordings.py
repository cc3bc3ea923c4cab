"""Staff's own words for the steps of an automation."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from messaging import kinds, words
from messaging.errors import StepGone
from messaging.models import Automation, AutomationStep, Message, Run, Wording
from messaging.rules import wording
from messaging.rules.choices import Category
from messaging.services import pictures
from messaging.services.automation_rows import lock, saved
from messaging.wording_fields import WordingField
from web.errors import InvalidValue
from web.rules import text

_LINE, _TEXT = 200, 2_000
_is_url = URLValidator(schemes=["https", "http"])


@dataclass(frozen=True)
class StepWords:
    """Staff's words of one step: language to texts by the names of their fields."""

    origin: int = 1
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@transaction.atomic
def save_wording(
    automation: Automation,
    *,
    position: int = 1,
    language: str,
    fields: Mapping[str, str],
    now: datetime,
) -> Wording:
    """Staff's own words for one step in one language. An empty field is the product's
    own text. Raises StepGone and InvalidValue."""
    if language not in dict(settings.LANGUAGES):
        raise InvalidValue(fields={"language": "unknown_language"})
    locked = lock(automation)
    step = AutomationStep.objects.filter(automation=locked, position=position).first()
    if step is None:
        raise StepGone
    known = words.fields_of(kinds.get(locked.kind), step.origin)
    texts = _checked_texts(known, fields)
    row, made = Wording.objects.get_or_create(
        step=step, language=language, defaults={"fields": texts}
    )
    if not made and row.fields == texts:
        return row
    if not made:
        row.fields = texts
        row.version += 1
        row.save()
    saved(locked, "automation.worded", set(texts), now)
    return row


def of_messages(messages: Iterable[Message]) -> dict[int, StepWords]:
    """Message id to the words of its step: of the version its run began with, else of
    today. The offer is left out of what is no marketing."""
    messages = list(messages)
    today = _of_today(messages)
    versions = _of_versions(messages)
    return {
        message.pk: _sayable(
            versions[message.run_id][message.step - 1]
            if message.run_id
            else today.get(message.automation_id or 0, StepWords()),
            message,
        )
        for message in messages
    }


def _of_today(messages: Sequence[Message]) -> dict[int, StepWords]:
    """Automation to the words of its first step."""
    automations = {message.automation_id for message in messages if not message.run_id}
    found: dict[int, dict[str, Mapping[str, str]]] = defaultdict(dict)
    rows = Wording.objects.filter(
        step__automation__in=automations - {None}, step__position=1
    )
    for pk, language, fields in rows.values_list(
        "step__automation", "language", "fields"
    ):
        found[pk][language] = fields
    return {pk: StepWords(words=texts) for pk, texts in found.items()}


def _of_versions(messages: Sequence[Message]) -> dict[int, list[StepWords]]:
    runs = {message.run_id for message in messages if message.run_id}
    if not runs:
        return {}
    rows = Run.objects.filter(pk__in=runs).values_list("pk", "version__content__steps")
    return {
        pk: [StepWords(step["origin"], step["words"]) for step in steps]
        for pk, steps in rows
    }


def _sayable(step: StepWords, message: Message) -> StepWords:
    if message.category == Category.MARKETING.value:
        return step
    return StepWords(
        step.origin,
        {
            language: {
                name: value for name, value in texts.items() if name != words.OFFER
            }
            for language, texts in step.words.items()
        },
    )


def _checked_texts(
    known: Iterable[WordingField], fields: Mapping[str, str]
) -> dict[str, str]:
    by_name = {field.name: field for field in known}
    unknown = set(fields) - set(by_name)
    if unknown:
        raise InvalidValue(fields=dict.fromkeys(sorted(unknown), "unknown_field"))
    texts = {
        name: _checked_text(by_name[name], value) for name, value in fields.items()
    }
    kept = {name: value for name, value in texts.items() if value}
    if not kept.get(words.PICTURE):
        kept.pop(words.PICTURE_ALT, None)
    elif not kept.get(words.PICTURE_ALT):
        raise InvalidValue(fields={words.PICTURE_ALT: "alt_missing"})
    return kept


def _checked_text(field: WordingField, value: str) -> str:
    """Trimmed, without control characters, and with placeholders we can fill."""
    if field.long:
        clean = text.many_lines(value, field=field.name, most=_TEXT)
    else:
        clean = text.one_line(value, field=field.name, most=_LINE)
    if field.is_picture and clean and not pictures.is_known(clean):
        raise InvalidValue(fields={field.name: "picture_gone"})
    if field.is_url and clean:
        return _checked_url(clean, field.name)
    if wording.has_template_code(clean):
        raise InvalidValue(fields={field.name: "template_code"})
    if wording.check(clean, field.placeholders):
        raise InvalidValue(fields={field.name: "unknown_placeholder"})
    return clean


def _checked_url(url: str, name: str) -> str:
    try:
        _is_url(url)
    except ValidationError as error:
        raise InvalidValue(fields={name: "not_an_address"}) from error
    return url
