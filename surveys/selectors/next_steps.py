"""What the page of thanks offers to whoever is happy, as staff chose it."""

from typing import NamedTuple

from surveys.choices import NextStep
from surveys.models import Response
from surveys.services.after import after_answer, band_of_answer
from surveys.services.wishes import is_offered


class Offered(NamedTuple):
    """`label` is empty where nothing was written in their language. Without a `url` it
    is a wish to recommend us, which they may say (`is_wished`) and take back."""

    url: str
    label: str
    is_wished: bool = False


def offered(
    survey_id: int,
    scale: str,
    score: int | None,
    *,
    response_id: int | None,
    language: str,
    shop_language: str,
) -> Offered | None:
    """To whoever gave this score. None for most: staff chose nothing, or it is of
    another band. `shop_language`: where theirs has no words."""
    chosen = after_answer(survey_id, band_of_answer(scale, score))
    if chosen is None or chosen.next_step == NextStep.NOTHING:
        return None
    label = chosen.words.get(language) or chosen.words.get(shop_language, "")
    if chosen.next_step == NextStep.SHARE:
        return Offered(chosen.link, label)
    return _wish(response_id, label)


def _wish(response_id: int | None, label: str) -> Offered | None:
    if response_id is None:
        return None
    rows = Response.objects.select_related("referral_wish").filter(pk=response_id)
    row = rows.first()
    if row is None or not is_offered(row):
        return None
    wish = getattr(row, "referral_wish", None)
    return Offered("", label, wish is not None and wish.withdrawn_at is None)
