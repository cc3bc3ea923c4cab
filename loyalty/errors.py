"""What loyalty can refuse, by name."""

from decimal import Decimal

from web.errors import DomainError


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
    """There is no such code, or it is somebody else's: nobody is told which."""

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


class BalanceTooLow(DomainError):
    """Less can be spent now; `spendable` is what can, in units."""

    code = "balance_too_low"
    message = "There is not enough to spend."
    status = 409

    def __init__(self, spendable: Decimal) -> None:
        self.spendable = spendable
        super().__init__()


class NotAMember(DomainError):
    code = "not_a_member"
    message = "This person does not take part in the programme."
    status = 409


class ProgrammeNameTaken(DomainError):
    code = "programme_name_taken"
    message = "Another programme is called so."
    status = 409


class ProgrammeOff(DomainError):
    code = "programme_off"
    message = "This programme is switched off."
    status = 409


class ProgrammeHasEntries(DomainError):
    """What it counts in cannot change any more."""

    code = "programme_has_entries"
    message = "Members have earned in this programme; its unit stays."
    status = 409


class SpendingUnknown(DomainError):
    code = "spending_unknown"
    message = "There is no such spending."
    status = 404


class SpendingOver(DomainError):
    """It was released, or kept too long, or is of another order or amount."""

    code = "spending_over"
    message = "This was given back meanwhile."
    status = 409


class SpendingDiffers(DomainError):
    """The same key with another amount or order."""

    code = "spending_differs"
    message = "This key was used for another amount or order."
    status = 409


class HandLimitReached(DomainError):
    code = "hand_limit_reached"
    message = "Your role may not add or take so much in a day."
    status = 403
