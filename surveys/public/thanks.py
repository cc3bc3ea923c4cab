"""The last page: thanks, and to who is unhappy who writes to them by when."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from surveys import question_words as words
from surveys import selectors
from surveys.rules import questionnaire as q

if TYPE_CHECKING:
    from surveys.public.visits import Visit


def thanks_of(visit: "Visit", now: datetime) -> dict[str, Any]:
    """The context of surveys/answer_thanks.html."""
    response = visit.response
    is_changeable = response is not None and now < response.changeable_until
    change = "&".join(part for part in (visit.query, "change=1") if part)
    return {
        "own_words": _own_words(visit),
        "promise": selectors.promise(response.pk) if response else None,
        "offered": _offered(visit),
        "is_changeable": is_changeable,
        "change_url": f"{visit.path}?{change}",
        **visit.around,
    }


def _offered(visit: "Visit") -> selectors.Offered | None:
    response = visit.response
    if response is None:
        return None
    return selectors.offered(
        response.survey_id,
        response.scale,
        response.score,
        response_id=response.pk,
        language=visit.language,
        shop_language=visit.asked.shop_language,
    )


def _own_words(visit: "Visit") -> str:
    """What the survey says to who gave such a score. Never more than words: what is
    offered or asked hangs on no score."""
    questionnaire = visit.questionnaire
    lead = questionnaire.lead
    given = visit.asked.answers.get(lead.key) if lead else None
    band = ""
    if lead and given and given.number is not None:
        band = lead.band(given.number).value
    texts = questionnaire.thanks.get(band) or questionnaire.thanks.get("") or {}
    said = words.in_language(texts, visit.asked.shop_language) or ""
    return q.recalled(said, visit.asked.facts)
