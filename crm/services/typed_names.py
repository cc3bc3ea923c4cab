"""Whether words that staff typed name somebody who is being erased.

Conditions, audiences, columns of files and reasons are texts of the shop, and stay; but
staff may have typed a name or an address into one, and a file without a header has a
person in its first line.
"""

from collections.abc import Collection, Iterator
from typing import Any

from crm.models import Customer
from crm.rules.search import search_words

# What stands where a name stood: a search for it finds nobody.
FORGOTTEN = "…"
# Shorter ones of Latin letters stand in many other words.
_SHORTEST = 4
_NAMING = ("given_name", "family_name", "phone_text", "phone_e164", "external_id")


class TypedNames:
    """Of these people, before their columns are emptied."""

    def __init__(self, ids: Collection[int]) -> None:
        self._ids = ids
        people = Customer.objects.filter(pk__in=ids)
        self._words: set[str] = set()
        for email, *naming in people.values_list("email_norm", *_NAMING):
            # An address is one word with its signs left out; its beginning another.
            for text in (*naming, email, email.partition("@")[0]):
                self._words.update(search_words(text))

    def is_in(self, text: str) -> bool:
        """Whether a name, address or number of theirs is a word of the text."""
        return any(
            word in self._words and (len(word) >= _SHORTEST or not word.isascii())
            for word in search_words(text)
        )

    def is_alone_in(self, text: str) -> bool:
        """Whether words of the text name one of them, and nobody else there is."""
        words = [word for word in search_words(text) if word in self._words]
        others = Customer.objects.exclude(pk__in=self._ids).filter(
            erased_at=None, merged_into=None
        )
        for word in words:
            others = others.filter(search_text__contains=word)
        return bool(words) and not others.exists()

    def is_within(self, value: Any) -> bool:
        """`is_in` for every text in a value of JSON, names of keys included."""
        return any(map(self.is_in, _texts_of(value)))


def _texts_of(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in (*value, *value.values()):
            yield from _texts_of(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts_of(each)
