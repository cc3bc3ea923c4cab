"""May we write in this class of mail: the last recorded word, else the default."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crm.rules.choices import ConsentBasis
from messaging.rules.choices import Category
from messaging.rules.send_decision import NO_GROUND, ConsentState

# What a customer may stop. A receipt or an answer to them always comes.
STOPPABLE = (
    Category.SURVEY,
    Category.LOYALTY,
    Category.MARKETING,
    Category.BIRTHDAY,
)
# These need a recorded yes, whatever the shop's setting.
NEED_A_YES = frozenset({Category.MARKETING, Category.BIRTHDAY})


@dataclass(frozen=True)
class LastWord:
    """The newest row of the consent ledger for one customer and category."""

    granted: bool
    at: datetime
    how: str
    id: int = 0
    # The record it was recorded through.
    customer: int = 0
    # A yes to all mail to the address, from a page that asked for that.
    for_address: bool = False


def deciding(own: LastWord | None, at_address: LastWord | None) -> LastWord | None:
    """Which of two counts for one record: its own last word, or the last one at its
    address through any record.

    A no at an address is everybody's there, whoever came later. A yes is its own
    record's, unless it was given for the address, after that.
    """
    if at_address is None or (at_address.granted and not at_address.for_address):
        return own
    if not at_address.granted or own is None or own.id < at_address.id:
        return at_address
    return own


def with_others(
    word: LastWord | None, others: Iterable[LastWord | None]
) -> LastWord | None:
    """The same together with what was chosen at the person's other addresses, or
    through records that are known by one of them: a no that is newer than their yes
    counts."""
    if word is not None and not word.granted:
        return word
    stops = [
        other
        for other in others
        if other is not None
        and not other.granted
        and (word is None or other.id > word.id)
    ]
    return max(stops, key=lambda stop: stop.id, default=word)


def decide(
    category: Category,
    last: LastWord | None,
    *,
    basis: ConsentBasis,
    customer_since: datetime | None,
    has_ground: bool,
) -> ConsentState:
    """`basis` is the shop's setting for surveys or for loyalty notices; `has_ground`:
    they bought something, or the shop says on what ground it writes to them."""
    if category is Category.TRANSACTIONAL:
        return ConsentState(True, customer_since, "transactional")
    if last is not None:
        return ConsentState(
            last.granted, last.at, last.how, recorded=True, through=last.customer
        )
    if category not in NEED_A_YES and basis is ConsentBasis.EXISTING:
        if not has_ground:
            return ConsentState(False, None, NO_GROUND)
        return ConsentState(True, customer_since, "existing")
    return ConsentState(False, None, "none")
