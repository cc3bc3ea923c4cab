"""Read what customers wrote: for the search, its language, and its themes."""

import re
from collections.abc import Mapping

import pycld2
from django.db import connection, transaction

from crm.rules.name_signs import CJK_RANGES
from crm.rules.search import search_text
from surveys.choices import TaggedBy
from surveys.models import CommentReading, Response, ResponseTheme, Theme
from surveys.rules import themes as rules

AT_ONCE = 500
# By hand: an answer waits for it, and the ORM's own takes six statements.
_NOTE = """
    INSERT INTO surveys_commentreading (response_id) VALUES (%s)
    ON CONFLICT (response_id) DO UPDATE SET is_read = FALSE
"""
_HAN_ONLY = re.compile(f"[{CJK_RANGES}\\W\\d_]+")
_KANA_OR_HANGUL = re.compile("[\u3040-\u30ff\uac00-\ud7af]")
# As the detector names them, and we.
_NAMES = {"iw": "he", "zh": "zh-hans", "zh-Hant": "zh-hant"}


def note_words(response: Response) -> None:
    """The words of this answer are new or changed: they are read by the next tick."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [response.pk])


@transaction.atomic
def read_new() -> int:
    """Read some that are new or changed, the oldest first. How many."""
    unread = (
        CommentReading.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(is_read=False)
        .select_related("response")
        .prefetch_related("response__further")
        .order_by("response")[:AT_ONCE]
    )
    readings = list(unread)
    said = {reading.pk: words_of(reading.response) for reading in readings}
    for reading in readings:
        words = said[reading.pk]
        reading.search_text = search_text(words)
        reading.language = language_of(words, reading.response.language)
        reading.is_read = True
    CommentReading.objects.bulk_update(readings, ["search_text", "language", "is_read"])
    _tag(said)
    return len(readings)


def words_of(response: Response) -> str:
    """Everything in the customer's own words."""
    further = [answer.text for answer in response.further.all() if answer.text]
    return "\n".join(filter(None, [response.comment, *further]))


def language_of(words: str, page_language: str) -> str:
    """In which language they are written; "" where that cannot be told.

    Text in Han characters alone is Chinese, which the detector does not always see; in
    which of its two scripts is the page's to say.
    """
    if _HAN_ONLY.fullmatch(words) and not _KANA_OR_HANGUL.search(words):
        has_letters = any(character.isalpha() for character in words)
        is_chinese = page_language.startswith("zh")
        return (page_language if is_chinese else "zh-hans") if has_letters else ""
    try:
        is_reliable, _size, found = pycld2.detect(words, bestEffort=False)
    except pycld2.error:
        return ""
    name = found[0][1]
    return _NAMES.get(name, name)[:10] if is_reliable and name != "un" else ""


def _tag(said: Mapping[int, str]) -> None:
    """By id of an answer its words: what keywords find in them, and no more what they
    do not find any more. What a person chose stays, and so does what was found of a
    theme that is archived."""
    in_use = Theme.objects.filter(archived_at=None)
    keywords = dict(in_use.values_list("pk", "keywords"))
    ResponseTheme.objects.filter(
        response__in=said, theme__in=keywords, by=TaggedBy.KEYWORD.value
    ).delete()
    found = [
        ResponseTheme(response_id=answer, theme_id=theme, by=TaggedBy.KEYWORD.value)
        for answer, words in said.items()
        for theme in sorted(rules.themes_of(words, keywords))
    ]
    ResponseTheme.objects.bulk_create(found, ignore_conflicts=True)
