"""The search of the inbox: conversations with a mail in which every word stands.

A word may be in one mail of a million or in every second one. The trigram index finds
the rare ones; of the frequent ones it would read far more mails than a page shows, so
there the conversations are walked through from the newest on, until a page is full.
Which of the two, a look at the newest mails says. A number has an index of its own:
three digits in a row tell little, and numbers are what people search for most. The
index is asked for rare words alone, and of an address for its beginning: it reads the
list of each three letters that it is asked for, and those of a frequent word or of a
domain are those of all mails.
"""

from collections.abc import Mapping, Sequence

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
# With h hits among them a walk takes about 150 ms / h, and a list of all hits among n
# mails 0.0000075 ms * n * h: the walk is the shorter one where h * h * n is above this.
_WALK_FROM = 20_000_000

_SAMPLE = """
SELECT (SELECT reltuples FROM pg_class WHERE oid = 'support_mail'::regclass),
    count(*) FILTER (WHERE {all}), {each}
FROM (SELECT {columns} FROM (
    SELECT search_text FROM support_mail ORDER BY at DESC LIMIT %s
) mail OFFSET 0) seen"""
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
    how, mails, ends = _LISTED, "support_mail", mail_search.number_in(typed)
    matches, patterns = _matches(likes)
    is_frequent, rare = _sampled(likes)
    if is_frequent:
        how = _WALKED
    elif ends:
        mails, patterns = _WITH_NUMBER, [f"'{ends}':*", *patterns]
    else:
        matches, patterns = _by_index(likes, rare, mail_search.beginnings(typed))
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


def _sampled(likes: Likes) -> tuple[bool, Likes]:
    """Whether mails with all of it are frequent, and the groups that alone are not."""
    columns, patterns = [], []
    for at, group in enumerate(likes):
        text, of_group = _matches([group])
        columns.append(f"{text} AS w{at}")
        patterns += of_group
    names = [f"w{at}" for at in range(len(likes))]
    sample = _SAMPLE.format(
        all=" AND ".join(names),
        each=", ".join(f"count(*) FILTER (WHERE {name})" for name in names),
        columns=", ".join(columns),
    )
    with connection.cursor() as cursor:
        cursor.execute(sample, [*patterns, _LOOKED_AT])
        mails, together, *hits = cursor.fetchone()
    rare = [group for group, n in zip(likes, hits, strict=True) if n < _FREQUENT]
    return together * together * max(mails, _LOOKED_AT) > _WALK_FROM, rare


def _by_index(
    likes: Likes, rare: Likes, beginnings: Mapping[str, str]
) -> tuple[str, list[str]]:
    """The same as `_matches`, with the index asked for the rare groups alone, or for
    all where none is rare. `beginnings`: patterns that the index is asked for instead.
    """
    asked = [
        tuple(beginnings.get(like, like) for like in group) for group in rare or likes
    ]
    found, patterns = _matches(asked)
    rest = [group for group in likes if group not in asked]
    if not rest:
        return found, patterns
    # Of an expression there is no index.
    looked, more = _matches(rest, of="(mail.search_text || '')")
    return f"{found} AND {looked}", [*patterns, *more]


def _matches(likes: Likes, of: str = "mail.search_text") -> tuple[str, list[str]]:
    """SQL in which every group has a pattern that fits, and the patterns in order."""
    groups = (" OR ".join(f"{of} LIKE %s" for _ in group) for group in likes)
    text = " AND ".join(f"({group})" for group in groups)
    return text, [like for group in likes for like in group]
