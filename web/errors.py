"""Refusals that any app may raise. Views, API and admin translate their codes."""

from collections.abc import Mapping


class DomainError(Exception):
    """A refusal that a person caused and can mend.

    `code` is stable and machine-readable; `message` is plain English for logs and
    the API; `fields` names the inputs concerned; `status` is the HTTP status.
    """

    code = "refused"
    message = "This was refused."
    status = 400
    # Whether its own message says what a sentence for all of its code cannot.
    is_told_by_message = False

    def __init__(
        self, message: str = "", *, fields: Mapping[str, str] | None = None
    ) -> None:
        self.message = message or self.message
        self.fields = dict(fields or {})
        super().__init__(self.message)


class InvalidValue(DomainError):
    """One or more fields do not hold what they must."""

    code = "invalid"
    message = "Some fields need another value."


class StaleVersion(DomainError):
    """Somebody else saved the same record in between."""

    code = "stale_version"
    message = "Somebody else changed this in the meantime."
    status = 409


class AlreadyExists(DomainError):
    """A record of this name or number exists."""

    code = "already_exists"
    message = "This exists already."
    status = 409


class Busy(DomainError):
    """Others held what this needs for longer than anybody may wait."""

    code = "busy"
    message = "Others held this for too long. Nothing was changed; send it again."
    status = 409


class NotFound(DomainError):
    """There is no such record, or none that this reader may see."""

    code = "not_found"
    message = "There is no such record."
    status = 404


class TooManyAttempts(DomainError):
    """A limit is reached; `seconds` from now it is not any more."""

    code = "too_many_attempts"
    message = "There were too many attempts."
    status = 429

    def __init__(self, *, seconds: int) -> None:
        self.seconds = seconds
        super().__init__()


class SignInIsBusy(TooManyAttempts):
    """Somebody else's password is being compared at this moment."""

    code = "sign_in_is_busy"


def first_line(error: Exception) -> str:
    """The first line of its message; its name where it has none."""
    return (str(error).splitlines() or [type(error).__name__])[0]
