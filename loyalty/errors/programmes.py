"""What programmes can refuse, by name."""

from decimal import Decimal

from web.errors import DomainError


class BalanceTooLow(DomainError):
    """Less can be spent now; `spendable` is what can, in units."""

    code = "balance_too_low"
    message = "There is not enough to spend."
    status = 409

    def __init__(self, spendable: Decimal) -> None:
        self.spendable = spendable
        super().__init__()


class NotAMember(DomainError):
    """They do not take part: not joined, has left, not in its segment, or gone."""

    code = "not_a_member"
    message = "This person does not take part in the programme."
    status = 409


class ProgrammeNameTaken(DomainError):
    """The name of another programme."""

    code = "programme_name_taken"
    message = "Another programme is called so."
    status = 409


class ProgrammeOff(DomainError):
    """Nothing is booked by hand or at the till while the programme, or its rule, is
    off; what members have can still be used, but for a reward of another programme."""

    code = "programme_off"
    message = "This programme is switched off."
    status = 409


class ProgrammeHasEntries(DomainError):
    """What it counts in cannot change any more."""

    code = "programme_has_entries"
    message = "Members have earned in this programme; its unit stays."
    status = 409


class EntryStays(DomainError):
    """What orders, occasions and reviews earn is taken back with them."""

    code = "entry_stays"
    message = "This entry follows what it came from, and is taken back with that."
    status = 409


class SpendingUnknown(DomainError):
    """No spending has this key."""

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
    """More than this role may add or take by hand in a day."""

    code = "hand_limit_reached"
    message = "Your role may not add or take so much in a day."
    status = 403


class ShareTooLarge(DomainError):
    """`most` is what may be paid of the order, in money."""

    code = "share_too_large"
    message = "The programme pays less of this order."
    status = 409

    def __init__(self, most: Decimal) -> None:
        self.most = most
        super().__init__()
