"""What can be refused, by name. The doors translate the code; nothing here does."""

from collections.abc import Mapping


class DomainError(Exception):
    """A refusal that a person caused and can mend.

    `code` is stable and machine-readable; `message` is plain English for logs and
    the API; `fields` names the inputs concerned; `status` is the HTTP status.
    """

    code = "refused"
    message = "This was refused."
    status = 400

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
    code = "already_exists"
    message = "This exists already."
    status = 409


class SourceKeyTaken(DomainError):
    """The same source_key came before, with other words."""

    code = "source_key_taken"
    message = "This source_key stands for another conversation already."
    status = 409


class KeyReused(DomainError):
    """The same Idempotency-Key came before, with another request."""

    code = "idempotency_key_reused"
    message = "This Idempotency-Key came with another request already."
    status = 409


class NotFound(DomainError):
    code = "not_found"
    message = "There is no such record."
    status = 404


class CustomerGone(DomainError):
    """The customer was merged away or erased."""

    code = "customer_gone"
    message = "This customer was merged or erased."
    status = 409


class FollowUpClosed(DomainError):
    """It is done or dropped already."""

    code = "follow_up_closed"
    message = "This follow-up is closed already."
    status = 409


class FollowUpTaken(DomainError):
    """A colleague has it."""

    code = "follow_up_taken"
    message = "A colleague has taken this follow-up already."
    status = 409


class LinkGone(DomainError):
    """A link to choose a password: used, too old, or of nobody."""

    code = "link_gone"
    message = "This link no longer works."
    status = 410


class WrongSignIn(DomainError):
    """No such account, a wrong password, or a closed account: nobody is told which."""

    code = "wrong_sign_in"
    message = "The email address or the password is wrong."
    status = 401


class WrongCode(DomainError):
    """Neither the app's code of this moment nor a recovery code that is left."""

    code = "wrong_code"
    message = "This code is not right."


class WrongPassword(DomainError):
    code = "wrong_password"
    message = "This is not your password."


class LastOwner(DomainError):
    """There must be somebody who may change settings and people."""

    code = "last_owner"
    message = "This is the last owner."
    status = 409


class NotAllowed(DomainError):
    """Whoever asks has lost the right to it in the meantime."""

    code = "not_allowed"
    message = "Your role does not allow this."
    status = 403


class NotYourself(DomainError):
    """One's own role and account are another owner's to change."""

    code = "not_yourself"
    message = "Another owner has to do this."
    status = 409


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


class FileUnusable(DomainError):
    """Nothing of this file can be imported."""

    code = "file_unusable"
    message = "This file cannot be imported."


class ImportIsRunning(DomainError):
    code = "import_is_running"
    message = "Another import of this kind and source is running."
    status = 409
