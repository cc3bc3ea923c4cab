"""The sentences about recommendation scores over time."""

from collections.abc import Mapping
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from surveys import result_words
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
        "segment": _("Segment"),
    }


def label(span: ScoreSpan, unit: str) -> str:
    """Nov 2025, the quarter by its first and last month, or the last day."""
    return days(span.first, span.last, unit)


def days(first: date, last: date, unit: str) -> str:
    """The same of its first and last day."""
    if unit == "month":
        return formats.short_month(first)
    if unit == "quarter":
        return f"{date_format(first, 'M')} – {formats.short_month(last)}"
    return formats.full_day(last)


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
        Moved.AWAITED: result_words.awaited(),
        Moved.BY_CHANCE: _("Not a change beyond chance."),
        Moved.UP: _("Higher than the time before, by more than chance would do."),
        Moved.DOWN: _("Lower than the time before, by more than chance would do."),
    }[how]


def too_few(answers: int) -> str:
    """What stands where there is no score."""
    return _("too few (%(n)s)") % {"n": formats.number(answers)}


def how(*, leaves_out: bool = False) -> str:
    """How scores over time are counted; `leaves_out`: without answers in confidence."""
    counted = _(
        "Promoters (9 and 10) less detractors (0 to 6), in percent of all confirmed "
        "answers by the day they were confirmed on. Under 30 answers no score is "
        "shown. Two times are compared only where both are over and do not overlap; "
        "who answered in both counts as one person, and of all changes that this page "
        "names at most 5 % are chance. Groups are told by whole months: there, rolling "
        "times are three months each."
    )
    if not leaves_out:
        return counted
    confidence = _(
        "Of a segment or a group, which may be one person, answers in confidence are"
        " left out."
    )
    return f"{counted} {confidence}"
