"""Closed lists of words of the reviews."""

from enum import StrEnum


class RequestState(StrEnum):
    """Whether it may still be answered is asked of its life and its order, not kept."""

    OPEN = "open"
    ANSWERED = "answered"


class ReviewState(StrEnum):
    """Whether a review is shown."""

    HELD = "held"
    PUBLISHED = "published"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class HeldReason(StrEnum):
    """Why a person looks before it is public. Never because of the stars."""

    FIRST_READ = "first_read"
    HAS_LINK = "has_link"
    HAS_PHONE = "has_phone"
    HAS_EMAIL = "has_email"
    EDITED = "edited"
