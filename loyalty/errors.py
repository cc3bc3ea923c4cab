"""What loyalty can refuse, by name."""

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


class NotListed(DomainError):
    """The mail behind this link never listed that product."""

    code = "product_not_listed"
    message = "That product is not in this reminder."
    status = 404
