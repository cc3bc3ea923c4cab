"""Closed lists of words of the surveys."""

from enum import StrEnum


class SurveyKind(StrEnum):
    NPS = "nps"


class Trigger(StrEnum):
    RELATIONSHIP = "relationship"
    POST_PURCHASE = "post_purchase"


class InvitationState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    EXPIRED = "expired"
    REVOKED = "revoked"


class ResponseState(StrEnum):
    """A one-click score stays provisional until a human act confirms it. A confirmed
    one may be left out of all figures, for a reason that is never its score."""

    PROVISIONAL = "provisional"
    CONFIRMED = "confirmed"
    LEFT_OUT = "left_out"


class LeftOut(StrEnum):
    """Why an answer counts in no figure."""

    TEST = "test"
    MISTAKE = "mistake"
    SOMEBODY_ELSE = "somebody_else"
