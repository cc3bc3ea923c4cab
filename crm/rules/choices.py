"""Closed lists of words that pure rules use; models make their choices from them."""

from enum import StrEnum


class LeapDay(StrEnum):
    """Where 29 February falls in a common year."""

    FEB_28 = "feb_28"
    MAR_1 = "mar_1"


class ConsentBasis(StrEnum):
    """Whether a class of mail needs a yes first."""

    EXISTING = "existing"  # existing customers, until they withdraw
    OPT_IN = "opt_in"


class SinceFrom(StrEnum):
    """How we know since when somebody is a customer."""

    GIVEN = "given"
    FIRST_ORDER = "first_order"
    ENTERED = "entered"


class AddressKind(StrEnum):
    """What a second address of a person is."""

    EMAIL = "email"
    PHONE = "phone"


class Nature(StrEnum):
    """What an order line is. Only a purchase counts as one."""

    PURCHASE = "purchase"
    RETURN = "return"
    CHARGE = "charge"
    WRITEOFF = "writeoff"


class ProductNature(StrEnum):
    """What kind of thing a product is: only plain ones count as goods."""

    PRODUCT = "product"
    POSTAGE = "postage"
    FEE = "fee"
    # Money that is kept for later, and no goods: what it buys are.
    GIFT_CARD = "gift_card"
    ADJUSTMENT = "adjustment"


class OrderNature(StrEnum):
    """Whether a line was sold or given back."""

    SALE = "sale"
    RETURN = "return"


class MatchBasis(StrEnum):
    """How a return found the purchase that it gives back."""

    CHOSEN = "chosen"  # by a person
    NAMED = "named"  # by the file or the API
    LATEST = "latest"  # the latest earlier purchase of the product


class Unmatched(StrEnum):
    """Why (a part of) a return gives back no purchase that we know."""

    NO_PURCHASE = "no_purchase"  # the customer bought none of it before
    TOO_MANY = "too_many"  # more than is left of what was bought
    ORDER_UNKNOWN = "order_unknown"  # it names an order that we do not know
    ORDER_OF_ANOTHER = "order_of_another"  # it names an order of somebody else
    NOT_IN_ORDER = "not_in_order"  # the order that it names has no such purchase


class OrderState(StrEnum):
    """How far an order is."""

    PLACED = "placed"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class Channel(StrEnum):
    """Through which channel a contact took place."""

    NOTE = "note"
    CALL = "call"
    EMAIL = "email"
    CHAT = "chat"
    VISIT = "visit"
    SOCIAL = "social"


class Direction(StrEnum):
    """Who began a contact: the customer, we, or a note among colleagues."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class SubscriptionState(StrEnum):
    """Whether a contract runs."""

    ACTIVE = "active"
    PAUSED = "paused"
    CANCELLED = "cancelled"  # from `cancelled_on` on, which may lie ahead


class SubscriptionMove(StrEnum):
    """What happened to a contract on a day."""

    STARTED = "started"
    RENEWED = "renewed"
    CHANGED = "changed"  # plan or value
    PAUSED = "paused"
    RESUMED = "resumed"
    CANCELLED = "cancelled"


class FollowUpState(StrEnum):
    """Whether a follow-up is still to be done, and how it ended."""

    OPEN = "open"
    TAKEN = "taken"
    DONE = "done"
    DROPPED = "dropped"


class SegmentMove(StrEnum):
    """How a customer's membership of a segment changed."""

    ENTERED = "entered"
    LEFT = "left"


class BulkAction(StrEnum):
    """What is done to many customers at once."""

    TAG = "tag"
    UNTAG = "untag"
    ASSIGN = "assign"
    FOLLOW_UP = "follow_up"
    FIELD = "field"


class UndoState(StrEnum):
    """How far an undo is."""

    RUNNING = "running"
    DONE = "done"


class ImportedThing(StrEnum):
    """What an import makes or changes."""

    CUSTOMER = "customer"
    CUSTOMER_TAG = "customer_tag"
    ADDRESS = "address"
    TAG = "tag"
    ORDER = "order"
    ORDER_LINE = "order_line"
    PRODUCT = "product"
    INTERACTION = "interaction"
    COMPANY = "company"
    COMPANY_LINK = "company_link"
    # With what happened to it.
    CONTRACT = "contract"
    # Of the ledger of programmes.
    ENTRY = "entry"
    # To a survey.
    ANSWER = "answer"


class ImportState(StrEnum):
    """How far an import is, or how it ended."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class HeldReason(StrEnum):
    """Why a database lets no mail leave: see crm/services/journal."""

    OLDER = "older"  # the journal knows more than the database
    RESTORED = "restored"  # script/restore has put a backup back


class JobState(StrEnum):
    """How far a job is, or how it ended."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class CustomKind(StrEnum):
    """What a field that staff made holds."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes_no"
    LINK = "link"


class CustomPlace(StrEnum):
    """Where the customer page shows a field that staff made."""

    FACTS = "facts"  # with the facts that every customer has
    PANEL = "panel"  # in a section of its own, "Further facts"
    FORM = "form"  # only where every fact is edited


# The ground of everybody who was there before grounds were asked for.
GROUND_FROM_BEFORE = "A customer from before grounds were recorded"
