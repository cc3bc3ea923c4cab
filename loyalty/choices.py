"""The closed lists of loyalty; the database refuses what is not in them."""

from enum import StrEnum


class CampaignState(StrEnum):
    """How far a campaign is."""

    DRAFT = "draft"
    # For somebody's yes.
    WAITING = "waiting"
    GOING = "going"
    STOPPED = "stopped"
    OVER = "over"


class Answer(StrEnum):
    """What became of the question whether a campaign may go."""

    OPEN = "open"
    YES = "yes"
    NO = "no"
    # The campaign changed, or whoever asked took it back.
    WITHDRAWN = "withdrawn"


class Basis(StrEnum):
    """What an expected day stands on."""

    OWN = "own"
