"""Write down what a source cost in a month, one at a time or as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from crm import selectors as crm
from crm.models import User
from crm.rules import dates
from crm.services import audit
from insights.models import Spend
from web.errors import InvalidValue
from web.rules import money, text

MOST_SOURCE, MOST_LINES = 60, 1_000
AMOUNT_LIMIT = Decimal(10) ** 12


@dataclass(frozen=True)
class SpendInput:
    """`month`: any day of it. An amount of nothing takes the row away."""

    source: str
    month: date
    amount: Decimal
    currency: str


@transaction.atomic
def put(lines: Sequence[SpendInput], *, by: User, now: datetime) -> int:
    """Write these down; what stands for a source, month and currency is replaced.

    Returns how many rows are other than before. Raises InvalidValue and then writes
    none of them.
    """
    if len(lines) > MOST_LINES:
        raise InvalidValue(fields={"lines": "too_many_lines"})
    today = crm.business().day(now)
    return sum(_put(_checked(line, today), by, now) for line in lines)


def _checked(line: SpendInput, today: date) -> SpendInput:
    source = text.one_line(line.source, field="source", most=MOST_SOURCE)
    if not source:
        raise InvalidValue(fields={"source": "required"})
    if not dates.EARLIEST.date() <= line.month <= today:
        raise InvalidValue(fields={"month": "in_the_future"})
    currency = money.valid_currency(line.currency)
    amount = line.amount
    is_money = amount.is_finite() and 0 <= amount < AMOUNT_LIMIT
    if not is_money or amount != money.round_money(amount, currency):
        raise InvalidValue(fields={"amount": "number_out_of_range"})
    return SpendInput(source, line.month.replace(day=1), amount, currency)


def _put(line: SpendInput, by: User, now: datetime) -> bool:
    key: dict[str, Any] = {
        "source": line.source,
        "month": line.month,
        "currency": line.currency,
    }
    found = Spend.objects.select_for_update().filter(**key).first()
    if (found.amount if found else 0) == line.amount:
        return False
    if not line.amount and found:
        audit.record("insights.spend_removed", f"spend:{found.pk}", now=now)
        found.delete()
        return True
    values = {"amount": line.amount, "noted_at": now, "noted_by": by}
    row, _ = Spend.objects.update_or_create(**key, defaults=values)
    audit.record("insights.spend_noted", f"spend:{row.pk}", fields=["amount"], now=now)
    return True
