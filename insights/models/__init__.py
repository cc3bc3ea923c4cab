"""What the insights keep: their own summaries and choices, never facts of others."""

from insights.models.definition import Definition
from insights.models.held import Held, StaleMembership
from insights.models.kept import Breakage, KeptAnswer, Mark, Published
from insights.models.money import (
    MoneyEnd,
    MoneyMark,
    MoneyPeriod,
    SpendCurve,
    Spending,
)
from insights.models.spells import Buyer, Cell, CohortCell, Spell, StaleCustomer
from insights.models.spend import Spend

__all__ = [
    "Breakage",
    "Buyer",
    "Cell",
    "CohortCell",
    "Definition",
    "Held",
    "KeptAnswer",
    "Mark",
    "MoneyEnd",
    "MoneyMark",
    "MoneyPeriod",
    "Published",
    "Spell",
    "Spend",
    "SpendCurve",
    "Spending",
    "StaleCustomer",
    "StaleMembership",
]
