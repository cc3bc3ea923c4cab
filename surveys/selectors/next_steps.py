"""What the page of thanks offers to whoever is happy, as staff chose it."""

from typing import NamedTuple

from surveys.choices import NextStep
from surveys.models import Response
from surveys.services.after import after_answer


class Offered(NamedTuple):
    """`label` is empty where nothing was written in their language."""

    url: str
    label: str


def offered(response_id: int | None, *, language: str, house: str) -> Offered | None:
    """None for most: staff chose nothing, or the answer is of another band. `house`:
    the language of the shop, where theirs has no words."""
    if response_id is None:
        return None
    response = Response.objects.filter(pk=response_id).first()
    chosen = after_answer(response) if response else None
    if chosen is None or chosen.next_step == NextStep.NOTHING:
        return None
    return Offered(
        chosen.link, chosen.words.get(language) or chosen.words.get(house, "")
    )
