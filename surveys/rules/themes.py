"""Which themes words are about, by keywords of any language.

Looked for in the form in which search keeps words (`crm.rules.search`): case, marks and
forms of a letter are no difference. Where words stand apart, a keyword is a whole word,
or with `*` at its end the beginning of one; Hebrew words may have their prefixes (and,
the, in, to, from, that, as) before it. Where they do not stand apart, as in Chinese, it
is found anywhere.
"""

import re
from collections.abc import Iterable, Mapping

from crm.rules.name_signs import CJK_RANGES
from crm.rules.search import search_text

# ו ה ב כ ל מ ש, at most three of them: ומהמשלוח.
_HEBREW_PREFIX = "[\u05d5\u05d4\u05d1\u05db\u05dc\u05de\u05e9]{0,3}"
_CJK = re.compile(f"([{CJK_RANGES}])")
_APART = re.compile(r"[\s\-–—/.,;:!?]+")
_HEBREW = re.compile("[\u05d0-\u05ea]")
# How search_text writes a Han, Kana or Hangul character.
_SPELLED_OUT = re.compile("u[0-9a-f]{4,5}( u[0-9a-f]{4,5})*")
MOST_KEYWORDS = 100


def pattern(keyword: str) -> str:
    """A regular expression to be found in `in_order(words)`; "" where the keyword has
    no letter or digit."""
    is_beginning = keyword.rstrip().endswith("*")
    spelled = in_order(keyword.rstrip().rstrip("*")).strip()
    if not spelled:
        return ""
    if _SPELLED_OUT.fullmatch(spelled):
        return f" {re.escape(spelled)} "
    prefix = _HEBREW_PREFIX if _HEBREW.match(spelled) else ""
    return f" {prefix}{re.escape(spelled)}{'' if is_beginning else ' '}"


def in_order(words: str) -> str:
    """The words one by one, as search spells each, with blanks around: search_text
    itself leaves out what comes a second time, and so would tear phrases apart."""
    apart = _APART.split(_CJK.sub(r" \1 ", words))
    spelled = (search_text(word) for word in apart)
    return f" {' '.join(filter(None, spelled))} "


def themes_of(words: str, keywords: Mapping[int, Iterable[str]]) -> set[int]:
    """The ids of those whose keywords are in the words."""
    spelled = in_order(words)
    return {theme for theme, wanted in keywords.items() if _has(spelled, wanted)}


def _has(spelled: str, keywords: Iterable[str]) -> bool:
    return any(re.search(found, spelled) for found in map(pattern, keywords) if found)
