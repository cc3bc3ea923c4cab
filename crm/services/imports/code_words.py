"""Words of a file for what we know by a code: currencies, countries, languages, and
what happened to a contract."""

from collections.abc import Callable, Mapping
from functools import cache

from django.conf import settings

from crm.rules import contract_words
from crm.services.imports import values
from crm.services.imports.column_names import CUSTOMERS, ORDERS
from crm.services.imports.values import Refused, folded, is_nothing
from crm.services.imports.values.currency_signs import SIGNS

# Of each kind, the fields whose words may mean one of ours.
FIELDS: Mapping[str, tuple[str, ...]] = {
    CUSTOMERS: ("country", "language"),
    ORDERS: ("status", "currency", "country"),
    "products": ("currency",),
    "subscriptions": ("currency", "happened"),
}


def meaning(field: str, word: str) -> str:
    """The code that an import reads out of the word by itself; empty for none."""
    found = _readers()[field](word)
    return "" if found is None or isinstance(found, Refused) else found


def guess(field: str, word: str) -> str:
    """What a word that is not read may mean: a sign that one currency alone has."""
    codes = SIGNS.get(folded(word), frozenset()) if field == "currency" else frozenset()
    return next(iter(codes)) if len(codes) == 1 else ""


def told_apart(words: Mapping[str, int]) -> list[str]:
    """Words that differ by more than capitals and blanks; none that mean nothing."""
    found: dict[str, str] = {}
    for word in words:
        if not is_nothing(word):
            found.setdefault(folded(word), word)
    return list(found.values())


@cache
def _readers() -> Mapping[str, Callable[[str], str | None]]:
    return {
        "currency": values.currency(),
        "country": values.countries(),
        "language": values.languages(frozenset(dict(settings.LANGUAGES))),
        "happened": contract_words.move,
    }
