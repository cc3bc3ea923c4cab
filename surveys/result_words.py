"""What figures of a survey say, in words: values, movements, groups and spans."""

from collections.abc import Mapping
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from surveys.choices import CountedBy
from surveys.models import Answer, Response
from surveys.question_words import standard_title
from surveys.rules import Enough, NpsResult
from surveys.rules.questionnaire import (
    OTHER,
    Question,
    QuestionKind,
    Scale,
    ScoreBand,
)
from surveys.rules.scales import MeanResult, Result
from surveys.rules.spans import Days, Unit
from surveys.selectors.further import Bar
from surveys.services.versions import questionnaire_of
from web import formats
from web.rules.intervals import wilson
from web.rules.movement import Moved


def value(result: Result) -> str:
    """+38, 80 % or 5.3, by the scale."""
    return written(result, result.exact)


def low(result: Result) -> str:
    """Where its interval begins."""
    return written(result, result.low)


def high(result: Result) -> str:
    """Where its interval ends."""
    return written(result, result.high)


def written(like: Result, number: float) -> str:
    """A number in the unit of this result."""
    if isinstance(like, NpsResult):
        return formats.signed(like.score if number == like.exact else round(number))
    if isinstance(like, MeanResult):
        return formats.number(round(number, 1))
    return formats.percent(round(number))


def scale(of: Scale | None, number: float) -> str:
    """A number of the axis of a scale."""
    if of is Scale.NPS:
        return formats.signed(round(number))
    if of is Scale.CSAT:
        return formats.percent(round(number))
    return formats.number(number)


def kind(of: Scale | None) -> str:
    """What a survey of this scale is counted by."""
    names = {Scale.NPS: "NPS", Scale.CSAT: "CSAT", Scale.CES: "CES"}
    return names[of] if of else _("no score")


def title(of: Scale) -> str:
    """What the figure of the last 90 days is."""
    return {
        Scale.NPS: _("Score, last 90 days"),
        Scale.CSAT: _("Satisfied, last 90 days"),
        Scale.CES: _("Mean of 1 to 7, last 90 days"),
    }[of]


def how(of: Scale) -> str:
    """How the figure is counted."""
    return {
        Scale.NPS: _(
            "Promoters say 9 or 10, passives 7 or 8, detractors 0 to 6. The score is "
            "the percentage of promoters minus the percentage of detractors, of all "
            "confirmed answers."
        ),
        Scale.CSAT: _(
            "The share of those who gave 4 or 5, of all confirmed answers, with the "
            "interval of Wilson."
        ),
        Scale.CES: _(
            "The mean of all confirmed answers, from 1 to 7, with the interval of "
            "Student’s t. The bars show how many gave which."
        ),
    }[of]


def how_sure(result: Result | None) -> str:
    """With so many answers it is known to ± so much; nothing where they are too few."""
    if result is None or result.enough is not Enough.FULL:
        return ""
    margin = formats.number(round(result.margin95, 1))
    if isinstance(result, MeanResult):
        return _("With so many answers the mean is known to ± %(margin)s.") % {
            "margin": margin
        }
    return _(
        "With so many answers it is known to ± %(margin)s points (95 % sure)."
    ).replace("%(margin)s", margin)


def moved(how_it_moved: Moved, before: Result | None) -> str:
    """A change against the 90 days before, named only where chance alone would not
    make it."""
    if before is None or how_it_moved is Moved.UNKNOWN:
        return _("Too few answers to compare with the 90 days before.")
    if how_it_moved is Moved.AWAITED:
        return awaited()
    sentences = {
        Moved.BY_CHANCE: _(
            "The 90 days before: %(score)s. Not a change beyond chance."
        ),
        Moved.UP: _(
            "Higher than the 90 days before (%(score)s), by more than chance would do."
        ),
        Moved.DOWN: _(
            "Lower than the 90 days before (%(score)s), by more than chance would do."
        ),
    }
    return sentences[how_it_moved] % {"score": value(before)}


def awaited() -> str:
    """Of very many answers the doubt is worked out once an hour."""
    return _("How far it moved is being worked out: look again in a few minutes.")


def trend_moved(how_it_moved: Moved, unit: Unit) -> str:
    """The last span that is over beside the one before it."""
    names = {
        Unit.DAY: (_("yesterday"), _("the day before")),
        Unit.WEEK: (_("last week"), _("the week before")),
        Unit.MONTH: (_("last month"), _("the month before")),
        Unit.QUARTER: (_("last quarter"), _("the quarter before")),
        Unit.ROLLING: (_("the last 90 days"), _("the 90 days before")),
    }
    later, earlier = names[unit]
    return {
        Moved.UNKNOWN: _("Not enough answers to compare %(later)s with %(earlier)s."),
        Moved.AWAITED: awaited(),
        Moved.BY_CHANCE: _(
            "Between %(later)s and %(earlier)s: not a change beyond chance."
        ),
        Moved.UP: _("Higher in %(later)s than in %(earlier)s, beyond chance."),
        Moved.DOWN: _("Lower in %(later)s than in %(earlier)s, beyond chance."),
    }[how_it_moved] % {"later": later, "earlier": earlier}


def group_moves() -> Mapping[Moved, str]:
    """The last three months beside the three before them, in a cell of a table."""
    return {
        Moved.UNKNOWN: _("not enough answers to say"),
        Moved.AWAITED: _("being worked out"),
        Moved.BY_CHANCE: _("not beyond chance"),
        Moved.UP: _("higher"),
        Moved.DOWN: _("lower"),
    }


def units() -> Mapping[str, str]:
    """By what time the trend is drawn."""
    return {
        Unit.DAY.value: _("By day"),
        Unit.WEEK.value: _("By week"),
        Unit.MONTH.value: _("By month"),
        Unit.ROLLING.value: _("Rolling 90 days"),
    }


def groups() -> Mapping[str, str]:
    """By what the score is shown beside."""
    return {
        "": _("nothing"),
        CountedBy.PRODUCT.value: _("Product"),
        CountedBy.COUNTRY.value: _("Country"),
        CountedBy.LANGUAGE.value: _("Language"),
        CountedBy.OWNER.value: _("Owner"),
        CountedBy.VERSION.value: _("Version"),
    }


def group(by: CountedBy, value_: str, name: str) -> str:
    """What a value is called; what is not known says so."""
    if not value_:
        return _("not known")
    if by is CountedBy.COUNTRY:
        return formats.country(value_)
    if by is CountedBy.LANGUAGE:
        return formats.own_language(value_)
    if by is CountedBy.VERSION and name:
        return _("Version %(number)s") % {"number": name}
    return name or _("deleted (%(number)s)") % {"number": value_}


def span(days: Days, unit: Unit) -> str:
    """3 Nov; the week by its Monday; Nov 2025; the last day of 90."""
    first, last = days
    if unit is Unit.MONTH:
        return formats.short_month(first)
    if unit is Unit.QUARTER:
        return f"{date_format(first, 'M')} – {formats.short_month(last)}"
    return formats.full_day(last if unit is Unit.ROLLING else first)


def months(days: Days) -> str:
    """Dec 2025 – Nov 2026."""
    return f"{formats.short_month(days[0])} – {formats.short_month(days[1])}"


def bands(of: Scale) -> Mapping[ScoreBand, str]:
    """What low, middle and high scores are called."""
    names = {
        Scale.NPS: (_("Detractors"), _("Passives"), _("Promoters")),
        Scale.CSAT: (_("Not satisfied"), _("Neither"), _("Satisfied")),
        Scale.CES: (_("Low"), _("Middle"), _("High")),
    }[of]
    return dict(zip(ScoreBand, names, strict=True))


def share(count: int, base: int) -> str:
    """80 %, and 3 of 9 where there are too few for percent."""
    if base < 30:
        return _("%(count)s of %(base)s") % {
            "count": formats.number(count),
            "base": formats.number(base),
        }
    return formats.percent(round(100 * count / base))


def share_doubt(bar: Bar) -> str:
    """Between which shares it lies; empty where too few answered to say."""
    if bar.base < 30:
        return ""
    at_least, at_most = wilson(bar.count, bar.base)
    return _("%(low)s to %(high)s") % {
        "low": formats.percent(round(100 * at_least)),
        "high": formats.percent(round(100 * at_most)),
    }


def question(asked: Question, language: str) -> str:
    """Its title in this language, or in any; the standard one; without one its key."""
    own = asked.texts.get(language, {}).get("title")
    others = (texts.get("title") for texts in asked.texts.values())
    return own or next(filter(None, others), "") or standard_title(asked) or asked.key


def choice(asked: Question, key: str, language: str) -> str:
    """The words of a choice, or the number."""
    if asked.kind in (QuestionKind.SCORE, QuestionKind.STARS):
        return formats.number(int(key))
    if key == OTHER:
        return _("something else")
    found = next((one for one in asked.choices if one.key == key), None)
    if found is None:
        return key
    return found.texts.get(language) or next(iter(found.texts.values()), "") or key


class Told(NamedTuple):
    """A question and what was answered to it."""

    title: str
    words: str


def told(answer: Response, language: str) -> list[Told]:
    """What an answer says to each further question, in their order; of erased people
    the words are gone."""
    rows = {row.question: row for row in answer.further.all()}
    if not rows:
        return []
    found = (
        Told(question(asked, language), _said(asked, rows[asked.key], language))
        for asked in questionnaire_of(answer.survey_version_id).further
        if asked.key in rows
    )
    return [one for one in found if one.words]


def _said(asked: Question, row: Answer, language: str) -> str:
    if row.day is not None:
        return formats.full_day(row.day)
    if row.number is not None:
        return choice(asked, str(row.number), language)
    chosen = [choice(asked, key, language) for key in row.choices]
    return " · ".join([*chosen, *([row.text] if row.text else [])])


def too_few(answers: int) -> str:
    """What stands in a trend where there is no score."""
    return _("not enough answers to say (%(n)s)") % {"n": formats.number(answers)}
