"""Read what customers wrote: for the search, its language, and its themes."""

import re
from collections.abc import Mapping

import pycld2
from django.db import connection, transaction

from crm.rules.name_signs import CJK, CJK_RANGES
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
# As the detector names it, and we.
_NAMES = {"iw": "he"}


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

    Text in Han characters alone is Chinese, which the detector does not always see, and
    it takes words that both scripts write alike for one of them. So may be some beside
    letters, on a page in Chinese.
    """
    has_han = bool(CJK.search(words)) and not _KANA_OR_HANGUL.search(words)
    if has_han and _HAN_ONLY.fullmatch(words):
        return _chinese(words, page_language)
    name = _detected(words)
    if name.startswith("zh") or (
        not name and has_han and page_language.startswith("zh")
    ):
        return _chinese(words, page_language)
    return _NAMES.get(name, name)[:10]


def _detected(words: str) -> str:
    try:
        is_reliable, _size, found = pycld2.detect(words, bestEffort=False)
    except pycld2.error:
        return ""
    name: str = found[0][1]
    return name if is_reliable and name != "un" else ""


def _chinese(words: str, page_language: str) -> str:
    """In its simplified or its traditional script, by the characters that only one of
    them has: each old encoding holds one script. Written alike in both, it is that of
    the page."""
    han = [character for character in words if CJK.fullmatch(character)]
    simplified, traditional = (
        sum(
            _is_in(character, own) and not _is_in(character, other) for character in han
        )
        for own, other in (("gb2312", "big5"), ("big5", "gb2312"))
    )
    if simplified != traditional:
        return "zh-hans" if simplified > traditional else "zh-hant"
    return page_language if page_language.startswith("zh") else "zh-hans"


def _is_in(character: str, encoding: str) -> bool:
    try:
        return bool(character.encode(encoding))
    except UnicodeEncodeError:
        return False


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
