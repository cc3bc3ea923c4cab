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
    """A one-click score stays provisional until a human act confirms it."""

    PROVISIONAL = "provisional"
    CONFIRMED = "confirmed"
