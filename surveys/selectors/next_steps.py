"""What the page of thanks offers to whoever is happy, as staff chose it."""

from typing import NamedTuple

from surveys.choices import NextStep
from surveys.services.after import after_answer, band_of_answer


class Offered(NamedTuple):
    """`label` is empty where nothing was written in their language."""

    url: str
    label: str


def offered(
    survey_id: int, scale: str, score: int | None, *, language: str, house: str
) -> Offered | None:
    """To whoever gave this score. None for most: staff chose nothing, or it is of
    another band. `house`: the language of the shop, where theirs has no words."""
    chosen = after_answer(survey_id, band_of_answer(scale, score))
    if chosen is None or chosen.next_step == NextStep.NOTHING:
        return None
    return Offered(
        chosen.link, chosen.words.get(language) or chosen.words.get(house, "")
    )
