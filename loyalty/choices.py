"""The closed lists of loyalty; the database refuses what is not in them."""

from enum import StrEnum


class CampaignState(StrEnum):
    """How far a campaign is."""

    DRAFT = "draft"
    # For somebody's yes.
    WAITING = "waiting"
    GOING = "going"
    STOPPED = "stopped"
    OVER = "over"


class Answer(StrEnum):
    """What became of the question whether a campaign may go."""

    OPEN = "open"
    YES = "yes"
    NO = "no"
    # The campaign changed, or whoever asked took it back.
    WITHDRAWN = "withdrawn"


class Basis(StrEnum):
    """What an expected day stands on."""

    # Two or more intervals of their own.
    OWN = "own"
    # How soon its other customers buy the product again.
    PRODUCT = "product"
    # How long staff say it lasts.
    SUPPLY = "supply"
    # When its season begins.
    SEASON = "season"


class Pick(StrEnum):
    """Why a product goes with another, or does not."""

    # Counted in baskets.
    FOUND = "found"
    # Staff say so: it comes first.
    CHOSEN = "chosen"
    # Staff do not want it suggested, whatever is counted.
    HIDDEN = "hidden"


class RewardKind(StrEnum):
    """What a reward is; most are no discount."""

    DISCOUNT = "discount"
    FREE_DELIVERY = "free_delivery"
    # Of a product or service, or more time of one that they have.
    FREE_USE = "free_use"
    PRODUCT = "product"
    SAMPLE = "sample"
    PACKAGING = "packaging"
    LETTER = "letter"
    MEAL = "meal"
    WEBSITE = "website"
    PICTURE = "picture"
    HELP = "help"
    VISIT = "visit"
    CARD = "card"
    CALL = "call"


class Fulfilment(StrEnum):
    """How a reward reaches the person."""

    # A code that we make, redeemed at the till or over the API.
    CODE = "code"
    # One of the shop's own codes, which staff bring in a list.
    POOL = "pool"
    # Somebody does it: it is to do from the moment it is granted.
    DESK = "desk"
    # The same, once the person has confirmed that they want it.
    ASK = "ask"


class GrantState(StrEnum):
    """How far a grant is."""

    OFFERED = "offered"
    CODE_ISSUED = "code_issued"
    TO_DO = "to_do"
    DONE = "done"
    EXPIRED = "expired"
    TAKEN_BACK = "taken_back"


class GrantSource(StrEnum):
    """What gave it."""

    AUTOMATION = "automation"
    HAND = "hand"
    PROGRAMME = "programme"


class RedemptionState(StrEnum):
    """Whether a code is kept for an order, used for it, or free again."""

    RESERVED = "reserved"
    REDEEMED = "redeemed"
    RELEASED = "released"


class RedeemedBy(StrEnum):
    """By which entry point a code was used."""

    TILL = "till"
    API = "api"
    FILE = "file"


# A grant in these holds its piece of the stock and its part of the budget.
HOLDING = (
    GrantState.OFFERED,
    GrantState.CODE_ISSUED,
    GrantState.TO_DO,
    GrantState.DONE,
)
# In these it may still be taken back, or run out.
OPEN_GRANTS = (GrantState.OFFERED, GrantState.CODE_ISSUED, GrantState.TO_DO)


class LimitSpan(StrEnum):
    """Over which time it is counted how many one person has of a reward."""

    CALENDAR_YEAR = "calendar"
    # The twelve months before the day on which it is given.
    TWELVE_MONTHS = "rolling"


class ProgrammeKind(StrEnum):
    """What a programme is."""

    POINTS = "points"
    PUNCH_CARD = "punch_card"


class Unit(StrEnum):
    """What a programme counts in."""

    POINTS = "points"
    MONEY = "money"
    STAMPS = "stamps"


class WhoTakesPart(StrEnum):
    """Who is a member of a programme."""

    ALL = "all"
    # Anyone who is in its segment when it is looked at.
    SEGMENT = "segment"
    # Anyone who has joined under its terms.
    JOINING = "joining"


class Expiry(StrEnum):
    """When what was earned runs out."""

    NEVER = "never"
    # So many days after it can be spent.
    DAYS = "days"
    # With the last day of the month so many months on.
    MONTH_END = "month_end"
    # With the last day of the year so many years on.
    YEAR_END = "year_end"
    # So many days after the last earning or spending.
    INACTIVITY = "inactivity"


class EarnEvent(StrEnum):
    """What a rule earns on."""

    ORDER = "order"
    SIGN_UP = "sign_up"
    # A named task, ticked once.
    STEP = "step"
    OCCASION = "occasion"
    # A review on our own pages, whatever its stars.
    REVIEW = "review"


class Measure(StrEnum):
    """What of an order a rule counts."""

    MONEY = "money"
    VISIT = "visit"
    ITEM = "item"


class Rounding(StrEnum):
    """How what an order earns is brought to the places of the unit, once an order."""

    DOWN = "down"
    HALF_UP = "half_up"


class EntryKind(StrEnum):
    """Why a balance changed."""

    EARNED = "earned"
    SPENT = "spent"
    # Below zero: it ran out. Above: that was taken back, since the order it came from
    # was returned.
    EXPIRED = "expired"
    # An earning or a spending that is no more.
    REVERSED = "reversed"
    # By hand.
    ADJUSTED = "adjusted"
    IMPORTED = "imported"
    # To the record that stays in a merge, and back.
    TRANSFERRED = "transferred"


class SpendState(StrEnum):
    """Whether what was spent is kept for an order, used for it, or back again."""

    RESERVED = "reserved"
    COMMITTED = "committed"
    RELEASED = "released"
