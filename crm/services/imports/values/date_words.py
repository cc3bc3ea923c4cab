"""Names of months, week days and halves of a day in the languages of our pages."""

from babel import Locale

_LOCALES = tuple(map(Locale.parse, ("en", "he", "zh_Hans", "zh_Hant")))
_CONTEXTS = ("format", "stand-alone")
_SHAPES = [(c, w) for c in _CONTEXTS for w in ("wide", "abbreviated")]
_MARKS = str.maketrans({"״": None, '"': None, "׳": None, "'": None, ".": None})


def bare(word: str) -> str:
    """A word to compare, without its points and gershayim."""
    return word.translate(_MARKS).casefold()


def _months() -> dict[str, int]:
    found = {"sept": 9}
    for locale in _LOCALES:
        for context, width in _SHAPES:
            for number, name in locale.months[context][width].items():
                found[bare(name)] = number
                if locale.language == "he":
                    found[f"ב{bare(name)}"] = number  # 5 במרץ
    return {name: number for name, number in found.items() if not name[0].isdigit()}


def _week_days() -> frozenset[str]:
    return frozenset(
        bare(word)
        for locale in _LOCALES
        for context, width in _SHAPES
        for name in locale.days[context][width].values()
        for word in name.split()
    )


def _halves(period: str) -> frozenset[str]:
    return frozenset(
        bare(name)
        for locale in _LOCALES
        for context in _CONTEXTS
        for words in locale.day_periods.get(context, {}).values()
        for key, name in words.items()
        if key == period
    )


MONTHS = _months()
# Also what stands beside the parts of a date: 3rd of May, 2026年5月3日.
BESIDE = _week_days() | frozenset("st nd rd th of at the on 年 日 号 號 ב".split())
MORNING = _halves("am") | {"上午", "凌晨", "早上", "清晨"}
EVENING = _halves("pm") | {"下午", "晚上", "傍晚"}
