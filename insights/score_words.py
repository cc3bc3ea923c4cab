"""The sentences about recommendation scores over time."""

from collections.abc import Mapping

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from surveys.selectors.trend import ScoreSpan
from web import formats
from web.rules.movement import Moved


def units() -> Mapping[str, str]:
    """By what time a trend is drawn."""
    return {
        "month": _("By month"),
        "quarter": _("By quarter"),
        "rolling": _("Rolling 90 days"),
    }


def groups() -> Mapping[str, str]:
    """By what the score of the last year is shown beside."""
    return {
        "": _("nothing"),
        "country": _("Country"),
        "language": _("Language"),
        "product": _("Product"),
    }


def label(span: ScoreSpan, unit: str) -> str:
    """Nov 2025, the quarter by its first and last month, or the last day."""
    if unit == "month":
        return date_format(span.first, "M Y")
    if unit == "quarter":
        first, last = date_format(span.first, "M"), date_format(span.last, "M Y")
        return f"{first} – {last}"
    return formats.full_day(span.last)


def sentence(span: ScoreSpan) -> str:
    """What the newest span that is over says."""
    count = span.result.n if span.result else 0
    return ngettext(
        "%(n)s answer from %(first)s to %(last)s.",
        "%(n)s answers from %(first)s to %(last)s.",
        count,
    ) % {
        "n": formats.number(count),
        "first": formats.full_day(span.first),
        "last": formats.full_day(span.last),
    }


def moved(how: Moved) -> str:
    """A movement, only outside chance."""
    return {
        Moved.UNKNOWN: _("Too few answers to compare with the time before."),
        Moved.BY_CHANCE: _("Not a change beyond chance."),
        Moved.UP: _("Higher than the time before, by more than chance would do."),
        Moved.DOWN: _("Lower than the time before, by more than chance would do."),
    }[how]


def too_few(answers: int) -> str:
    """What stands where there is no score."""
    return _("too few (%(n)s)") % {"n": formats.number(answers)}


def how() -> str:
    """How scores over time are counted."""
    return _(
        "Promoters (9 and 10) less detractors (0 to 6), in percent of all confirmed "
        "answers by the day they were confirmed on. Under 30 answers no score is "
        "shown. Two times are compared only where both are over and do not overlap; "
        "who answered in both counts as one person, and of all changes that this page "
        "names at most 5 % are chance."
    )
