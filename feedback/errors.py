"""What the reviews can refuse, by name."""

from web.errors import DomainError


class RequestClosed(DomainError):
    """A first review after the request's life, or for an order that was cancelled."""

    code = "review_request_closed"
    message = "The time to write this review is over."
    status = 409


class NoReview(DomainError):
    """There is nothing to edit or to withdraw behind this link."""

    code = "no_review"
    message = "There is no review to change."
    status = 404


class ReviewWithdrawn(DomainError):
    """The customer took it back; only the customer can send it again."""

    code = "review_withdrawn"
    message = "The customer withdrew this review."
    status = 409


class AlreadyDecided(DomainError):
    """Somebody else published or rejected it first."""

    code = "review_already_decided"
    message = "This review was decided already."
    status = 409
