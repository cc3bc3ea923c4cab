"""Closed lists of words of the surveys."""

from enum import StrEnum


class SurveyKind(StrEnum):
    """What it is counted by; `four`, `exit` and `own` may have a score or none."""

    NPS = "nps"
    CSAT = "csat"
    CES = "ces"
    FOUR = "four"
    EXIT = "exit"
    OWN = "own"


class SurveyState(StrEnum):
    """A draft was never published; a closed one takes no new answers."""

    DRAFT = "draft"
    LIVE = "live"
    CLOSED = "closed"


class VersionState(StrEnum):
    """Whether a version of the questions can still change."""

    DRAFT = "draft"
    PUBLISHED = "published"


class Trigger(StrEnum):
    """When an automation asks."""

    REGULARLY = "regularly"
    AFTER_DELIVERY = "after_delivery"
    CONVERSATION = "conversation"
    DATE = "date"
    REQUEST = "request"
    ONCE = "once"


# The kinds of automations that ask a survey, and when.
TRIGGERS = {
    "survey_regularly": Trigger.REGULARLY,
    "survey_after_delivery": Trigger.AFTER_DELIVERY,
    "survey_after_conversation": Trigger.CONVERSATION,
    "survey_on_date": Trigger.DATE,
    "survey_on_request": Trigger.REQUEST,
    # A campaign of loyalty, with its day, its yes and its end.
    "survey_campaign": Trigger.ONCE,
}


class InvitationState(StrEnum):
    """Who declined did so on the page, and may still answer as long as it is open."""

    OPEN = "open"
    ANSWERED = "answered"
    DECLINED = "declined"
    EXPIRED = "expired"
    REVOKED = "revoked"


class ResponseState(StrEnum):
    """A one-click score stays provisional until a human act confirms it. A confirmed
    one may be left out of all figures, for a reason that is never its score."""

    PROVISIONAL = "provisional"
    CONFIRMED = "confirmed"
    LEFT_OUT = "left_out"


class Channel(StrEnum):
    """The way an answer came: a personal link, one that everybody may open, a
    program, or a file of answers from elsewhere."""

    MAIL = "mail"
    LINK = "link"
    API = "api"
    IMPORT = "import"


class PressSeen(StrEnum):
    """What a browser did that came with a press: opened the page, or stayed on it for
    two seconds."""

    OPENED = "opened"
    STAYED = "stayed"


class LeftOut(StrEnum):
    """Why an answer counts in no figure."""

    TEST = "test"
    MISTAKE = "mistake"
    SOMEBODY_ELSE = "somebody_else"


class CountedBy(StrEnum):
    """By what answers are summed up besides days."""

    ALL = "all"
    COUNTRY = "country"
    LANGUAGE = "language"
    OWNER = "owner"
    VERSION = "version"
    PRODUCT = "product"


class TaggedBy(StrEnum):
    """Who says that an answer is about a theme; the last: a person says it is not."""

    KEYWORD = "keyword"
    STAFF = "staff"
    NOT_SO = "not_so"


class AnswerBand(StrEnum):
    """Where what follows on an answer differs: 0 to 3 of NPS or the lowest score of
    another scale, the rest of the low band, and the high one."""

    URGENT = "urgent"
    LOW = "low"
    HAPPY = "happy"


class NextStep(StrEnum):
    """What is offered to whoever is happy. Never a review: those are asked of
    everybody alike."""

    NOTHING = "nothing"
    SHARE = "share"
    # They may say that they would like to recommend us; we come back to them.
    REFER = "refer"
