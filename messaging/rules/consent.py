"""May we write in this class of mail: the last recorded word, else the house rule."""

from dataclasses import dataclass
from datetime import datetime

from crm.rules.choices import ConsentBasis
from messaging.rules.choices import Category
from messaging.rules.verdicts import ConsentState

# What a customer may stop. A receipt or an answer to them always comes.
STOPPABLE = (Category.SURVEY, Category.LOYALTY, Category.MARKETING)


@dataclass(frozen=True)
class LastWord:
    """The newest row of the consent ledger for one customer and category."""

    granted: bool
    at: datetime
    how: str


def decide(
    category: Category,
    last: LastWord | None,
    *,
    basis: ConsentBasis,
    customer_since: datetime | None,
) -> ConsentState:
    """`basis` is the shop's setting for surveys or for loyalty notices."""
    if category is Category.TRANSACTIONAL:
        return ConsentState(True, customer_since, "transactional")
    if last is not None:
        return ConsentState(last.granted, last.at, last.how, recorded=True)
    # Marketing needs a recorded yes, whatever the setting.
    if category is not Category.MARKETING and basis is ConsentBasis.EXISTING:
        return ConsentState(True, customer_since, "existing")
    return ConsentState(False, None, "none")
