"""What messaging can refuse, by name. Views, API and admin translate the code."""

from web.errors import DomainError


class LinkGone(DomainError):
    """Unknown, expired, revoked, of another purpose, or its customer is gone.

    One error for all of them: the answer must not help a guesser.
    """

    code = "link_gone"
    message = "This link no longer works."
    status = 404


class ConsentNeedsSource(DomainError):
    """A yes that the customer did not give on our page must say where it came from."""

    code = "consent_needs_source"
    message = "Say where and when this customer agreed."


class ConsentWithdrawn(DomainError):
    """Only the customer can take a withdrawal back."""

    code = "consent_withdrawn"
    message = "This customer has stopped these emails."
    status = 409


class ChoicesChanged(DomainError):
    """The page was drawn from choices that no longer stand; `fields` names them."""

    code = "choices_changed"
    message = "These choices changed since the page was opened."
    status = 409


class UndoTooLate(DomainError):
    """Staff have ten minutes to take back a withdrawal of their own."""

    code = "undo_too_late"
    message = "This can be undone for ten minutes only."
    status = 409


class ComplaintStands(DomainError):
    """A bounce may be lifted by staff; a complaint to the mail provider may not."""

    code = "complaint_stands"
    message = "This address complained to its mail provider and stays off."
    status = 409


class MessageNotPlanned(DomainError):
    """Only a message that still waits can be taken back."""

    code = "message_not_planned"
    message = "This message is no longer waiting."
    status = 409


class MessageNotUncertain(DomainError):
    """Only a message that is uncertain can be decided."""

    code = "message_not_uncertain"
    message = "This message does not wait for a decision."
    status = 409


class MailOnItsWay(DomainError):
    """A mail to this person is being handed to the mail server."""

    code = "mail_on_its_way"
    message = "A mail to this person is leaving right now. Try again in a minute."
    status = 409


class AutomationArchived(DomainError):
    """An archived automation is not changed or switched on."""

    code = "automation_archived"
    message = "This automation is archived. Restore it first."
    status = 409


class AutomationIsOn(DomainError):
    """Only an automation that is off can be archived."""

    code = "automation_is_on"
    message = "This automation is on. Switch it off first."
    status = 409


class AutomationUsed(DomainError):
    """What it sent names it, or it is the only one of its kind."""

    code = "automation_used"
    message = "This automation cannot be deleted. Archive it instead."
    status = 409


class HoldoutNotHere(DomainError):
    """Transactional mail and surveys go to everybody who is due."""

    code = "holdout_not_here"
    message = "Nobody can be held out of this mail."
    status = 409


class TooManySteps(DomainError):
    """Its kind has no more (`Kind.most_steps`)."""

    code = "too_many_steps"
    message = "An automation of this kind has no more steps."
    status = 409


class LastStepOffers(DomainError):
    """Its kind ends without an offer (`Kind.may_end_with_offer`)."""

    code = "last_step_offers"
    message = "The last step of this automation must not hold an offer."
    status = 409


class FirstStepStays(DomainError):
    """The first step is neither moved nor removed."""

    code = "first_step_stays"
    message = "The first step is what the automation is about and stays the first."
    status = 409


class StepGone(DomainError):
    """The automation has no step at this place."""

    code = "step_gone"
    message = "This automation has no such step."
    status = 404


class SecretUnreadable(DomainError):
    """It was encrypted with a SECRET_KEY that is not known any more."""

    code = "secret_unreadable"
    message = "The stored password or token cannot be read: enter it again."
    status = 409


class SendingRefused(DomainError):
    """An account cannot send now; the code says why, `answer` the reply of its
    server."""

    code = "sending_refused"
    message = "The mail server does not take mail of this account."
    status = 409

    def __init__(self, code: str, answer: str = "") -> None:
        super().__init__()
        self.code, self.answer = code, answer


class NoToken(DomainError):
    """A mail provider gives no token; the code says why."""

    code = "no_token"
    message = "The mail provider gives no token."
    status = 409

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code
