"""What people, files and machines may write about a contract, and how it is kept."""

from decimal import Decimal

from web.errors import InvalidValue
from web.rules import money, text

MOST_PLAN, MOST_REASON, MOST_SOURCE, MOST_ID = 120, 300, 40, 120
VALUE_LIMIT = Decimal(10) ** 10


def plan_of(plan: str) -> str:
    """The name of a plan. Raises InvalidValue."""
    name = text.one_line(plan, field="plan", most=MOST_PLAN)
    if not name:
        raise InvalidValue(fields={"plan": "required"})
    return name


def source_of(source: str) -> str:
    """The system it comes from. Raises InvalidValue."""
    name = text.one_line(source, field="source", most=MOST_SOURCE)
    if not name:
        raise InvalidValue(fields={"source": "required"})
    return name


def reason_of(reason: str) -> str:
    """Why it changed, in words. Raises InvalidValue."""
    return text.one_line(reason, field="reason", most=MOST_REASON)


def value_of(value: Decimal, currency: str) -> Decimal:
    """A month's value, with the places of its currency at most. Raises InvalidValue."""
    if not value.is_finite() or not 0 <= value < VALUE_LIMIT:
        raise InvalidValue(fields={"value": "number_out_of_range"})
    if value != money.round_money(value, currency):
        raise InvalidValue(fields={"value": "number_out_of_range"})
    return value
