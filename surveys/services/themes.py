"""Themes: made, renamed, given keywords, archived; and put to an answer by hand."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from crm.services import audit
from surveys import words
from surveys.choices import TaggedBy
from surveys.models import CommentReading, Response, ResponseTheme, Theme
from surveys.rules import themes as rules
from surveys.rules.starting_themes import STARTING_THEMES
from web.errors import AlreadyExists, InvalidValue, StaleVersion
from web.rules import text

MOST_THEMES = 60


@transaction.atomic
def make_theme(*, name: str, keywords: Sequence[str], now: datetime) -> Theme:
    """A new one; all comments are read again for its keywords. Raises InvalidValue,
    and AlreadyExists for a name that is taken."""
    if Theme.objects.count() >= MOST_THEMES:
        raise InvalidValue(fields={"name": "too_many"})
    theme = Theme(name=_name(name), keywords=_keywords(keywords))
    _refuse_taken(theme)
    theme.save()
    _record("made", theme, ["name", "keywords"], now)
    _read_again()
    return theme


@transaction.atomic
def make_starting_themes(*, now: datetime) -> int:
    """Those that come with Perennial, named in the active language, as far as their
    names are free. How many are new."""
    names = words.starting_theme_names()
    taken = {name.casefold() for name in Theme.objects.values_list("name", flat=True)}
    wanted = [key for key, name in names.items() if name.casefold() not in taken]
    for key in wanted:
        make_theme(name=names[key], keywords=STARTING_THEMES[key], now=now)
    return len(wanted)


@transaction.atomic
def edit_theme(
    theme: Theme, *, version: int, name: str, keywords: Sequence[str], now: datetime
) -> Theme:
    """Other words for it. The same again: nothing. Raises StaleVersion too."""
    locked = Theme.objects.select_for_update().get(pk=theme.pk)
    if locked.version != version:
        raise StaleVersion
    values = {"name": _name(name), "keywords": _keywords(keywords)}
    changed = [field for field in values if getattr(locked, field) != values[field]]
    if not changed:
        return locked
    for field in changed:
        setattr(locked, field, values[field])
    _refuse_taken(locked)
    locked.version += 1
    locked.save()
    _record("edited", locked, changed, now)
    if "keywords" in changed:
        _read_again()
    return locked


@transaction.atomic
def archive_theme(theme: Theme, *, archived: bool, now: datetime) -> Theme:
    """Neither looked for nor shown any more, until it is restored."""
    locked = Theme.objects.select_for_update().get(pk=theme.pk)
    if (locked.archived_at is not None) == archived:
        return locked
    locked.archived_at = now if archived else None
    locked.save(update_fields=["archived_at"])
    _record("archived" if archived else "restored", locked, ["archived_at"], now)
    if not archived:
        _read_again()
    return locked


@transaction.atomic
def tag(response: Response, theme: Theme, *, is_about: bool, now: datetime) -> None:
    """A person says that an answer is about a theme, or that it is not; keywords do
    not overrule them. The same again: the same."""
    by = TaggedBy.STAFF if is_about else TaggedBy.NOT_SO
    ResponseTheme.objects.update_or_create(
        response=response, theme=theme, defaults={"by": by.value}
    )
    audit.record(
        "survey.tagged" if is_about else "survey.untagged",
        f"response:{response.pk}",
        customer_id=response.customer_id,
        now=now,
        fields=["themes"],
    )


def _name(name: str) -> str:
    tidy = text.one_line(name, field="name", most=60)
    if not tidy:
        raise InvalidValue(fields={"name": "required"})
    return tidy


def _keywords(keywords: Sequence[str]) -> list[str]:
    tidy = [text.one_line(word, field="keywords", most=60) for word in keywords]
    found = list(dict.fromkeys(filter(None, tidy)))
    if len(found) > rules.MOST_KEYWORDS:
        raise InvalidValue(fields={"keywords": "too_many"})
    if not all(rules.pattern(word) for word in found):
        raise InvalidValue(fields={"keywords": "no_letters"})
    return found


def _refuse_taken(theme: Theme) -> None:
    others = Theme.objects.filter(name__iexact=theme.name).exclude(pk=theme.pk)
    if others.exists():
        raise AlreadyExists(fields={"name": "taken"})


def _read_again() -> None:
    """By the ticks that follow, some hundreds at a time."""
    CommentReading.objects.filter(is_read=True).update(is_read=False)


def _record(action: str, theme: Theme, fields: Sequence[str], now: datetime) -> None:
    audit.record(f"theme.{action}", f"theme:{theme.pk}", now=now, fields=fields)
