"""The search of the inbox: conversations with a mail in which every word stands.

A word may be in one mail of a million or in every second one. The trigram index finds
the rare ones; of the frequent ones it would read far more mails than a page shows, so
there the conversations are walked through from the newest on, until a page is full.
Which of the two, a look at the newest mails says. A number has an index of its own:
three digits in a row tell little, and numbers are what people search for most.
"""

from collections.abc import Sequence

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.fields import BooleanField

from support.models import Conversation
from support.rules import mail_search

Likes = Sequence[tuple[str, ...]]

# So many of the newest mails are looked at; from so many hits on a word is frequent.
_LOOKED_AT = 1_000
_FREQUENT = 20

_SAMPLE = """
SELECT count(*) FROM (
    SELECT search_text FROM support_mail ORDER BY at DESC LIMIT %s
) mail WHERE {matches}"""
# OFFSET 0 keeps it a question for each conversation: as a join, all hits would be read.
_WALKED = """
(EXISTS (SELECT FROM support_mail mail
    WHERE mail.conversation_id = support_conversation.id AND {matches} OFFSET 0)
 OR support_conversation.id = %s)"""
# An array is made once, and its ids are looked up by the primary key.
_LISTED = """
support_conversation.id = ANY(ARRAY(
    SELECT mail.conversation_id FROM {mails} mail WHERE {matches}
    UNION SELECT %s))"""
# OFFSET 0 has the number looked up first: of some words the trigrams are everywhere.
_WITH_NUMBER = """
(SELECT conversation_id, search_text FROM support_mail
    WHERE support_number_ends(search_text) @@ %s::tsquery OFFSET 0)"""


def found(typed: str) -> "QuerySet[Conversation]":
    """The conversations that a search finds, by words in their mails or by number."""
    likes, number = mail_search.likes(typed), mail_search.number_of(typed)
    rows = Conversation.objects.all()
    if not likes:
        return rows.none()
    if typed.strip().startswith("#") and number is not None:
        return rows.filter(pk=number)
    matches, patterns = _matches(likes)
    how, mails, ends = _LISTED, "support_mail", mail_search.number_in(typed)
    if _is_frequent(matches, patterns):
        how = _WALKED
    elif ends:
        mails, patterns = _WITH_NUMBER, [f"'{ends}':*", *patterns]
    return rows.filter(
        # Of constants alone; what was typed is in the parameters.
        RawSQL(  # noqa: S611
            how.format(mails=mails, matches=matches),
            (*patterns, number or 0),
            output_field=BooleanField(),
        )
    )


def mails_with(words: str) -> list[int]:
    """The ids of the mails in which all these words stand, somewhere."""
    matches, patterns = _matches(mail_search.likes(words))
    with connection.cursor() as cursor:
        # Of constants alone; the words are in the parameters.
        cursor.execute(
            f"SELECT mail.id FROM support_mail mail WHERE {matches}",  # noqa: S608
            patterns,
        )
        return [pk for (pk,) in cursor.fetchall()]


def _is_frequent(matches: str, patterns: Sequence[str]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_SAMPLE.format(matches=matches), [_LOOKED_AT, *patterns])
        (hits,) = cursor.fetchone()
    return bool(hits >= _FREQUENT)


def _matches(likes: Likes) -> tuple[str, list[str]]:
    """SQL in which every group has a pattern that fits, and the patterns in order."""
    groups = (" OR ".join("mail.search_text LIKE %s" for _ in group) for group in likes)
    text = " AND ".join(f"({group})" for group in groups)
    return text, [like for group in likes for like in group]
