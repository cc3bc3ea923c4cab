"""What follows on an answer: kept by survey and band, and read where it is needed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction

from crm.services import audit
from surveys import rules
from surveys.choices import AnswerBand, NextStep
from surveys.models import AfterAnswer, Survey
from surveys.rules.after import leads_to_reviews
from surveys.rules.questionnaire import Scale, ScoreBand, band_of
from web.errors import InvalidValue
from web.rules import text

MOST_DAYS = 10
LONGEST_REPLY = 2000
LONGEST_LABEL = 60
_CODES = tuple(code for code, _name in settings.LANGUAGES)


@dataclass(frozen=True)
class After:
    """What somebody enters for one band. `words`: by language."""

    within_days: int = 0
    asks_again: bool = True
    next_step: NextStep = NextStep.NOTHING
    link: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


def band_of_answer(scale_name: str, score: int | None) -> AnswerBand | None:
    """None: nothing follows, or there is no score."""
    if score is None or not scale_name:
        return None
    scale = Scale(scale_name)
    band = band_of(scale, score)
    if band is ScoreBand.HIGH:
        return AnswerBand.HAPPY
    if band is not ScoreBand.LOW:
        return None
    is_urgent = rules.is_urgent(score) if scale is Scale.NPS else score == 1
    return AnswerBand.URGENT if is_urgent else AnswerBand.LOW


def after_answer(survey_id: int, band: AnswerBand | None) -> AfterAnswer | None:
    """What staff chose for such answers; None: nothing, so all goes as usual."""
    if band is None:
        return None
    return AfterAnswer.objects.filter(survey=survey_id, band=band.value).first()


@transaction.atomic
def save_after(
    survey: Survey, chosen: Mapping[AnswerBand, After], *, now: datetime
) -> None:
    """Keep what follows on each band. Raises InvalidValue, by "field_band"."""
    values = {band: _values(band, after) for band, after in chosen.items()}
    for band, columns in values.items():
        AfterAnswer.objects.update_or_create(
            survey=survey, band=band.value, defaults=columns
        )
    audit.record(
        "survey.after_changed",
        f"survey:{survey.pk}",
        now=now,
        fields=[band.value for band in values],
    )


def _values(band: AnswerBand, after: After) -> dict[str, object]:
    if not 0 <= after.within_days <= MOST_DAYS:
        raise InvalidValue(fields={f"within_days_{band}": "out_of_range"})
    is_happy = band is AnswerBand.HAPPY
    step = after.next_step if is_happy else NextStep.NOTHING
    shares = step is NextStep.SHARE
    link = text.one_line(after.link, field="link_happy", most=500) if shares else ""
    if shares and not link.startswith("https://"):
        raise InvalidValue(fields={"link_happy": "not_https"})
    if leads_to_reviews(link):
        raise InvalidValue(fields={"link_happy": "reviews_are_for_all"})
    return {
        "within_days": 0 if is_happy else after.within_days,
        "asks_again": is_happy or after.asks_again,
        "next_step": step.value,
        "link": link,
        "words": _words(band, after.words),
    }


def _words(band: AnswerBand, words: Mapping[str, str]) -> dict[str, str]:
    is_happy = band is AnswerBand.HAPPY
    tidy = {
        code: (
            text.one_line(words[code], field=f"words_{band}_{code}", most=LONGEST_LABEL)
            if is_happy
            else text.many_lines(
                words[code], field=f"words_{band}_{code}", most=LONGEST_REPLY
            )
        )
        for code in _CODES
        if code in words
    }
    return {code: found for code, found in tidy.items() if found}
