"""Codes that the shop redeemed elsewhere, from its file. Sent again it changes nothing:
the same order with the same code is the same answer. A line may say on which day it was
and what the order came to, in the currency of the reward."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from crm.models import User
from loyalty.choices import RedeemedBy
from loyalty.errors import AmountUnreadable, DayUnreadable
from loyalty.rules.redemption_file import Line
from loyalty.services import codes
from loyalty.services.code_orders import Use
from web.errors import DomainError, InvalidValue
from web.rules import money

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass
class Taken:
    """How many codes are used now, how many were already for that order, and which
    lines were refused."""

    used: int = 0
    known: int = 0
    refused: list[tuple[Line, DomainError]] = field(default_factory=list)


def take(lines: Sequence[Line], *, by: User, now: datetime) -> Taken:
    """Redeem line by line, each on its own: one that is refused spoils no other."""
    taken = Taken()
    for line in lines:
        try:
            use = _use(line, by)
            is_known = codes.is_used_for(line.code, use)
            codes.redeem(line.code, use, now=now)
        except DomainError as error:
            taken.refused.append((line, error))
            continue
        if is_known:
            taken.known += 1
        else:
            taken.used += 1
    return taken


def _use(line: Line, by: User) -> Use:
    return Use(
        order_key=line.order,
        via=RedeemedBy.FILE,
        user=by,
        total=_amount(line.amount) if line.amount else None,
        on=_day(line.day) if line.day else None,
    )


def _day(written: str) -> date:
    if not _DAY.fullmatch(written):
        raise DayUnreadable
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise DayUnreadable from None


def _amount(written: str) -> Decimal:
    try:
        return money.parse_decimal(written, field="amount", least=Decimal(0))
    except InvalidValue:
        raise AmountUnreadable from None
