"""What came of reminders, suggestions and of asking people back."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from crm import selectors as crm
from crm.models import Customer
from loyalty.sql import aftermath as sql
from loyalty.sql.aftermath import Asked, Side
from messaging import kinds
from messaging.rules.holdout import Effect, Group, difference_of_shares
from web.rules import money

KINDS = ("reorder", "goes_with", "same_kind", "win_back")
# Days after a mail in which an order counts, and how far back mails are looked at.
WITHIN = (14, 30, 60)
BACK = (90, 180, 365)
SIDES = ("mailed", "drawn", "held")
DID = ("all", "anything", "product")
SHOWN = 50


@dataclass(frozen=True)
class Came:
    """One kind. `effect` is on the share who ordered anything, of those drawn by lot:
    None with nobody held out, or with too few on either side to say (`is_compared`
    tells the two apart)."""

    kind: str
    label: str
    mails: int
    mailed: Side
    drawn: Side
    held: Side
    paid: dict[str, Decimal]
    effect: Effect | None

    @property
    def names_products(self) -> bool:
        """Asking back names none."""
        return self.kind != "win_back"

    @property
    def is_compared(self) -> bool:
        """Whether anybody was held out."""
        return self.held.people > 0

    @property
    def points(self) -> list[str]:
        """The effect and the ends of its interval, in points with their sign."""
        if self.effect is None:
            return []
        parts = (self.effect.value, self.effect.low, self.effect.high)
        return [f"{100 * part:+.1f}" for part in parts]

    @property
    def waiting(self) -> int:
        """People whose days are not over."""
        return self.mailed.people - self.mailed.over

    def as_data(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "kind": self.kind,
            "mails": self.mails,
            **{side: asdict(getattr(self, side)) for side in SIDES},
            "paid": {code: str(amount) for code, amount in self.paid.items()},
            "effect": self.effect and vars(self.effect),
        }


def asked(kind: str, *, days: int, back: int, now: datetime) -> Asked:
    """The mails of the last `back` days."""
    shop = crm.business()
    since = now - timedelta(days=back)
    return Asked(kind, since, now, days, shop.day(now), shop.zone_name)


def report(*, days: int, back: int, now: datetime) -> list[Came]:
    """All four kinds."""
    return [_came(asked(kind, days=days, back=back, now=now)) for kind in KINDS]


def people(
    about: Asked, side: str, did: str, *, after: int
) -> tuple[list[Customer], int]:
    """A page of those behind a figure, and the id after which the next one begins; 0:
    there is none."""
    ids = sql.people(about, side, did, after=after, most=SHOWN + 1)
    shown = Customer.objects.filter(pk__in=ids[:SHOWN]).order_by("pk")
    return list(shown), ids[SHOWN - 1] if len(ids) > SHOWN else 0


def _came(about: Asked) -> Came:
    sides = sql.sides(about)
    mailed, drawn, held = (sides.get(side, Side()) for side in SIDES)
    return Came(
        kind=about.kind,
        label=str(kinds.get(about.kind).label),
        mails=sql.mails(about),
        mailed=mailed,
        drawn=drawn,
        held=held,
        paid={
            code: money.round_money(amount, code)
            for code, amount in sql.paid(about).items()
        },
        effect=difference_of_shares(_group(drawn), _group(held)),
    )


def _group(side: Side) -> Group:
    return Group(side.over, side.anything)
