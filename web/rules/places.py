"""Countries: one list for forms, API and import."""

from babel import Locale

# Regions that Babel names beside the countries.
_NO_PLACE = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
COUNTRIES = frozenset(
    code
    for code in map(str, Locale("en").territories)
    if len(code) == 2 and code.isalpha() and code not in _NO_PLACE
)


def country_name(code: str, language: str) -> str:
    """What a country is called in one of our languages; a code without a name stays."""
    return str(Locale.parse(language.split("-")[0]).territories.get(code, code))
