"""Codes that the shop redeemed elsewhere, from its file. Sent again it changes nothing:
the same order with the same code is the same answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crm.models import User
from loyalty.choices import RedeemedBy
from loyalty.rules.redemption_file import Line
from loyalty.services import codes
from loyalty.services.codes import Use
from web.errors import DomainError


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
        use = Use(order_key=line.order, via=RedeemedBy.FILE, user=by)
        try:
            row = codes.redeem(line.code, use, now=now)
        except DomainError as error:
            taken.refused.append((line, error))
            continue
        if row.redeemed_at == now:
            taken.used += 1
        else:
            taken.known += 1
    return taken
