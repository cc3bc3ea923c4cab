"""What is outstanding in programmes, and whether what is kept is right."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Count, Sum

from loyalty.models import Programme
from loyalty.sql import ledger
from loyalty.sql.ledger import WrongBalance
from web.rules import money

_NOTHING = Decimal(0)


@dataclass(frozen=True)
class Outstanding:
    """The sum of all balances of a programme in units, what of it is owed to the shop,
    and what it is worth in `currency`, where a unit pays in orders."""

    programme: int
    name: str
    members: int
    units: Decimal
    owed: Decimal
    worth: Decimal | None
    currency: str


def outstanding() -> list[Outstanding]:
    """Of every programme, by name; currencies are not added."""
    rows = Programme.objects.annotate(
        members=Count("memberships"),
        units=Sum("memberships__balance"),
        owed=Sum("memberships__owed"),
    )
    return [
        Outstanding(
            programme=row.pk,
            name=row.name,
            members=row.members,
            units=row.units or _NOTHING,
            owed=row.owed or _NOTHING,
            worth=row.worth
            and money.round_money((row.units or _NOTHING) * row.worth, row.currency),
            currency=row.currency,
        )
        for row in rows.order_by("name", "pk")
    ]


@transaction.atomic
def wrong_balances() -> list[WrongBalance]:
    """Memberships of which something kept is not what its entries add up to. Reads the
    whole ledger, and may take longer than a page may."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
    return ledger.wrong_balances()
