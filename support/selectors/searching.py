"""The search of the inbox: conversations with a mail in which every word stands.

A word may be in one mail of a million or in every second one. An index of parts of
words finds the rare ones; of the frequent ones it would read far more mails than a page
shows, so there the conversations are walked through from the newest on, until a page is
full. Between the two only mails of late are asked for, as many as a page needs. Which
of the three, a look at the newest mails says. The index is asked for rare words alone,
and of an address for its beginning: it reads the list of each part that it is asked
for, and those of a frequent word or of a domain are those of all mails.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.fields import BooleanField

from crm.rules.customer_search import word_likes
from support.models import Conversation
from support.rules import mail_search

# So many of the newest mails are looked at; from so many hits on a word is frequent.
_LOOKED_AT = 500
_FREQUENT = 10
# With h hits among them a walk takes about 1 + 50 / h ms, and the mails of late 3 to 6,
# the more the more frequent the word is: the walk is the shorter one from here on.
_WALK_FROM = 10
# Of fewer hits nothing can be reckoned: of two, one in four is of a word that has not
# enough mails of late for a page, and both are asked for then. So many are expected
# among the mails of late: more than a page shows, because several may be of one
# conversation, and a look at some mails is no count.
_FEWEST = 3
_EXPECTED = 60
# From so many hits on they are looked up from the newest conversation on.
_MANY = 500

_SAMPLE = """
SELECT (SELECT reltuples FROM pg_class WHERE oid = 'support_mail'::regclass),
    min(at), max(at), count(*) FILTER (WHERE {all}), {each}
FROM (SELECT at, {columns} FROM (
    SELECT at, search_text FROM support_mail ORDER BY at DESC LIMIT %s
) mail OFFSET 0) seen"""
# What a sub-select gives, the planner takes for found in few mails, but not in none.
_INDEXED = "support_word_parts(mail.search_text) @@ (SELECT %s::tsquery)"
# OFFSET 0 keeps it a question for each conversation: as a join, all hits would be read.
_WALKED = """
(EXISTS (SELECT FROM support_mail mail
    WHERE mail.conversation_id = support_conversation.id AND {stands} OFFSET 0)
 OR support_conversation.id = %s)"""
# An array is made once, and its ids are looked up by the primary key.
_FEW = """
support_conversation.id = ANY(ARRAY(
    SELECT mail.conversation_id FROM support_mail mail WHERE {indexed} AND {stands}
    UNION ALL SELECT %s))"""
# IS TRUE has them hashed, whatever the planner thinks.
_SEVERAL = """
(support_conversation.id IN (
    SELECT mail.conversation_id FROM support_mail mail WHERE {indexed} AND {stands}
    UNION ALL SELECT %s)) IS TRUE"""
# All conversations whose last mail is of late: by a mail of late, which the index
# names, or by an earlier one, of which there are few.
_OF_LATE = """
support_conversation.last_mail_at >= %s AND support_conversation.id = ANY(ARRAY(
    SELECT mail.conversation_id FROM support_mail mail
    WHERE {indexed} AND {stands} AND mail.at >= %s
    UNION ALL SELECT mail.conversation_id FROM support_mail mail
    WHERE mail.conversation_id = ANY(ARRAY(
        SELECT id FROM support_conversation WHERE last_mail_at >= %s
    )) AND mail.at < %s AND {stands}
    UNION ALL SELECT %s))"""


@dataclass(frozen=True)
class Found:
    """What a search finds: all of it, and the conversations whose last mail is of late,
    which may fill a page; None where looking for these saves nothing."""

    everything: "QuerySet[Conversation]"
    of_late: "QuerySet[Conversation] | None" = None


def found(typed: str) -> Found:
    """The conversations that a search finds, by words in their mails or by number."""
    words, number = mail_search.words(typed), mail_search.number_of(typed)
    if not words:
        return Found(Conversation.objects.none())
    if typed.strip().startswith("#") and number is not None:
        return Found(Conversation.objects.filter(pk=number))
    pk, sample, (stands, seen) = number or 0, _sampled(words), _stand(words)
    if sample.is_frequent:
        return Found(_rows(_WALKED, {"stands": stands}, (*seen, pk)))
    begins = mail_search.beginnings(typed)
    asked = _parts([begins.get(word, word) for word in sample.rare or words])
    texts = {"indexed": _INDEXED, "stands": stands}
    how = _SEVERAL if sample.are_many else _FEW
    everything = _rows(how, texts, (asked, *seen, pk))
    since = sample.since
    if since is None:
        return Found(everything)
    values = (since, asked, *seen, since, since, since, *seen, pk)
    return Found(everything, _rows(_OF_LATE, texts, values))


def mails_with(typed: str) -> list[int]:
    """The ids of the mails in which all these words stand, somewhere."""
    words = mail_search.words(typed)
    stands, seen = _stand(words)
    with connection.cursor() as cursor:
        # Of constants alone; the words are in the parameters.
        cursor.execute(
            f"SELECT mail.id FROM support_mail mail WHERE {_INDEXED} AND {stands}",  # noqa: S608
            [_parts(words), *seen],
        )
        return [pk for (pk,) in cursor.fetchall()]


def _rows(
    how: str, texts: Mapping[str, str], values: Sequence[object]
) -> "QuerySet[Conversation]":
    return Conversation.objects.filter(
        # Of constants alone; what was typed is in the parameters.
        RawSQL(how.format(**texts), values, output_field=BooleanField())  # noqa: S611
    )


@dataclass(frozen=True)
class _Sample:
    """What the newest mails say of a search: how many of them have all of it, between
    which moments, among how many mails; and the words that alone are not frequent."""

    hits: int
    mails: float
    oldest: datetime | None
    newest: datetime | None
    rare: Sequence[str]

    @property
    def is_frequent(self) -> bool:
        return self.hits >= _WALK_FROM

    @property
    def are_many(self) -> bool:
        return self.hits * self.mails > _MANY * _LOOKED_AT

    @property
    def since(self) -> datetime | None:
        """Where the mails of late begin that a page needs; None: among all of them."""
        if self.hits < _FEWEST or self.oldest is None or self.newest is None:
            return None
        times = _EXPECTED / self.hits
        if times * _LOOKED_AT * 4 > self.mails:
            return None
        return self.newest - (self.newest - self.oldest) * times


def _sampled(words: Sequence[str]) -> _Sample:
    columns, values = [], []
    for at, word in enumerate(words):
        text, of_word = _stand([word])
        columns.append(f"{text} AS w{at}")
        values += of_word
    names = [f"w{at}" for at in range(len(words))]
    sample = _SAMPLE.format(
        all=" AND ".join(names),
        each=", ".join(f"count(*) FILTER (WHERE {name})" for name in names),
        columns=", ".join(columns),
    )
    with connection.cursor() as cursor:
        cursor.execute(sample, [*values, _LOOKED_AT])
        mails, oldest, newest, together, *hits = cursor.fetchone()
    rare = [word for word, n in zip(words, hits, strict=True) if n < _FREQUENT]
    return _Sample(together, max(mails, _LOOKED_AT), oldest, newest, rare)


def _parts(words: Sequence[str]) -> str:
    return " & ".join(mail_search.parts(word) for word in words)


def _stand(words: Sequence[str]) -> tuple[str, list[str]]:
    """SQL for a text in which all these words stand, and its values in order. `strpos`
    takes half as long as LIKE."""
    texts, values = [], []
    for word in words:
        if len(word) >= mail_search.ANYWHERE:
            texts.append("strpos(mail.search_text, %s) > 0")
            values.append(word)
        else:
            likes = word_likes(word)
            any_of = " OR ".join("mail.search_text LIKE %s" for _ in likes)
            texts.append(f"({any_of})")
            values += likes
    return " AND ".join(texts), values
