"""What the mail on Mondays says of a survey, in the language that is active."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from surveys import result_words
from surveys.rules import Enough
from surveys.rules.questionnaire import Scale, low_scores
from surveys.selectors.digest import DigestRow
from web import formats


def week(row: DigestRow) -> str:
    """12 answers, 2 of them low (0 to 6), 5 with a reason."""
    numbers = {
        "answers": ngettext("%(n)s answer", "%(n)s answers", row.answers)
        % {"n": formats.number(row.answers)},
        "words": formats.number(row.with_words),
    }
    if row.scale is None:
        return _("%(answers)s, %(words)s with words.") % numbers
    lowest = low_scores(row.scale)
    return _(
        "%(answers)s, %(low)s of them low (%(first)s to %(last)s), %(words)s with a "
        "reason."
    ) % {
        **numbers,
        "low": formats.number(row.low),
        "first": formats.number(lowest[0]),
        "last": formats.number(lowest[-1]),
    }


def score(row: DigestRow) -> str:
    """As far as so many answers allow it, as a sentence; empty without a scale."""
    if row.scale is None:
        return ""
    result = row.result
    if result is None or result.enough is Enough.NOT_YET:
        return _("Too few answers in 90 days to name a score.")
    told = {
        "score": result_words.value(result),
        "low": result_words.low(result),
        "high": result_words.high(result),
    }
    if result.enough is Enough.RANGE:
        return _("The score of 90 days lies between %(low)s and %(high)s.") % told
    return _sentence(row.scale) % told


def _sentence(scale: Scale) -> str:
    return {
        Scale.NPS: _(
            "The score of 90 days is %(score)s, likely between %(low)s and %(high)s."
        ),
        Scale.CSAT: _(
            "In 90 days %(score)s were satisfied, likely between %(low)s and %(high)s."
        ),
        Scale.CES: _(
            "The mean of 90 days is %(score)s of 7, likely between %(low)s and "
            "%(high)s."
        ),
    }[scale]


def themes(row: DigestRow) -> str:
    """Delivery (3), Price (1); empty where nothing was written of any."""
    return ", ".join(f"{name} ({formats.number(count)})" for name, count in row.themes)
