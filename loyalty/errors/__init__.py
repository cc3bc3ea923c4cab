"""What loyalty can refuse, by name."""

from loyalty.errors.programmes import (
    BalanceTooLow,
    EntryStays,
    HandLimitReached,
    NotAMember,
    ProgrammeHasEntries,
    ProgrammeNameTaken,
    ProgrammeOff,
    ShareTooLarge,
    SpendingDiffers,
    SpendingOver,
    SpendingUnknown,
)
from web.errors import DomainError

__all__ = [
    # Those of programmes stand in a file of their own.
    "BalanceTooLow",
    "EntryStays",
    "HandLimitReached",
    "NotAMember",
    "ProgrammeHasEntries",
    "ProgrammeNameTaken",
    "ProgrammeOff",
    "ShareTooLarge",
    "SpendingDiffers",
    "SpendingOver",
    "SpendingUnknown",
]


class CampaignIsGoing(DomainError):
    """Nobody changes words or audience while mail leaves."""

    code = "campaign_is_going"
    message = "This campaign is going. Stop it before you change it."
    status = 409


class CampaignIsOver(DomainError):
    code = "campaign_is_over"
    message = "This campaign is over. Copy it to make a new one."
    status = 409


class CampaignIsOnce(DomainError):
    """What follows a campaign is another one."""

    code = "campaign_is_once"
    message = "A campaign has one mail."
    status = 409


class CampaignNotStarted(DomainError):
    """Somebody switched on the automation behind it."""

    code = "campaign_not_started"
    message = "A campaign is started from its own page."
    status = 409


class CampaignHasNoDay(DomainError):
    code = "campaign_has_no_day"
    message = "Say on which day it goes."


class CampaignDayPast(DomainError):
    code = "campaign_day_past"
    message = "This day is over. Choose another one."


class CampaignHourPast(DomainError):
    """It may start all the same, if whoever asks says so."""

    code = "campaign_hour_past"
    message = "The hour is over today. Choose another day, or send it at once."


class CampaignHasNoWords(DomainError):
    code = "campaign_has_no_words"
    message = "Write its subject and text first."


class CampaignNeedsYes(DomainError):
    code = "campaign_needs_yes"
    message = "So many people need the yes of a manager."
    status = 409


class RequestAnswered(DomainError):
    code = "request_answered"
    message = "This question was answered or taken back."
    status = 409


class OwnRequest(DomainError):
    code = "own_request"
    message = "Somebody else has to answer this."
    status = 409


class CalendarExists(DomainError):
    """Another calendar of name days is called so."""

    code = "name_day_calendar_exists"
    message = "There is a calendar of that name already."
    status = 409


class NoComplement(DomainError):
    """A product does not go with itself."""

    code = "no_complement"
    message = "A product does not go with itself. Nothing was changed."


class NotListed(DomainError):
    """The mail behind this link never listed that product."""

    code = "product_not_listed"
    message = "That product is not in this reminder."
    status = 404


class RewardNameTaken(DomainError):
    code = "reward_name_taken"
    message = "Another reward is called so."
    status = 409


class RewardNotYours(DomainError):
    """The reward is given by other roles."""

    code = "reward_not_yours"
    message = "Your role does not give this reward."
    status = 403


class RewardRefused(DomainError):
    """Stock, budget, limit or pool; `code` says which."""

    status = 409

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__("There is none left of this reward.")


class RewardInUse(DomainError):
    code = "reward_in_use"
    message = "A step of an automation gives this reward."
    status = 409


class GrantOver(DomainError):
    code = "grant_over"
    message = "This reward was used, done or has run out."
    status = 409


class GrantInUse(DomainError):
    code = "grant_in_use"
    message = "The code of this reward is kept for an order."
    status = 409


class CodeUnknown(DomainError):
    """There is no such code, or it is somebody else's: the page does not tell which."""

    code = "code_unknown"
    message = "There is no such code."
    status = 404


class CodeUsed(DomainError):
    """`redemption` says when and where; the model of it is not known here."""

    code = "code_used"
    message = "This code was used."
    status = 409

    def __init__(self, redemption: object) -> None:
        self.redemption = redemption
        super().__init__()


class CodeKept(DomainError):
    code = "code_kept"
    message = "This code is kept for another order."
    status = 409


class CodeExpired(DomainError):
    code = "code_expired"
    message = "This code has run out."
    status = 409


class CodeTakenBack(DomainError):
    code = "code_taken_back"
    message = "This code was taken back."
    status = 409


class CodeBelowMinimum(DomainError):
    code = "code_below_minimum"
    message = "The order is below what this code asks for."
    status = 409


class CodeOtherCurrency(DomainError):
    code = "code_other_currency"
    message = "The order is in another currency than this code."
    status = 409


class CodeForOtherProducts(DomainError):
    code = "code_other_products"
    message = "Nothing in the order is what this code is for."
    status = 409


class UsedOnNoSuchDay(DomainError):
    code = "code_no_such_day"
    message = "On that day nobody can have used this code."
    status = 409


class CodePlaceGone(DomainError):
    """Used in time, told too late: somebody else has its place since."""

    code = "code_place_gone"
    message = "The code ran out before this was told, and none is left."
    status = 409


class DayUnreadable(DomainError):
    code = "redemption_day_unreadable"
    message = "This is no day."


class AmountUnreadable(DomainError):
    code = "redemption_amount_unreadable"
    message = "This is no amount."


class OfferAMomentAgo(DomainError):
    code = "offer_a_moment_ago"
    message = "Another offer of theirs was used a moment ago."
    status = 409


class CodeDoesNotStack(DomainError):
    code = "code_does_not_stack"
    message = "Another offer was used for this order, and the two do not add up."
    status = 409


class NotYoursToUndo(DomainError):
    """A colleague did it at the till."""

    code = "not_yours_to_undo"
    message = "A colleague did this. They or a manager can undo it."
    status = 403
