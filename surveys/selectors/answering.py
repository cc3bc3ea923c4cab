"""What the customer's own page shows."""

from datetime import date, datetime
from typing import NamedTuple

from messaging.rules import tokens
from messaging.services.links import token_hash
from surveys.sql import answering as sql


class AskedAbout(NamedTuple):
    """The order, as far as the page names it."""

    number: str
    ordered_on: date
    delivered_on: date | None


class AnswerPage(sql.Opened):
    """`score` may be a provisional one, which only preselects: see `is_answered`."""

    __slots__ = ()

    @property
    def order(self) -> AskedAbout | None:
        if self.order_number is None or self.ordered_on is None:
            return None
        return AskedAbout(self.order_number, self.ordered_on, self.delivered_on)

    @property
    def product_names(self) -> list[str]:
        """Two lines of one order may be the same product."""
        return list(dict.fromkeys(self.products))

    @property
    def known_comment(self) -> str:
        return (self.comment or "") if self.is_answered else ""

    @property
    def takes_presses(self) -> bool:
        """Whether a score pressed in the mail is kept before it is confirmed."""
        return self.one_click and not self.is_answered


def open_page(token: str, *, wanted: str, now: datetime) -> AnswerPage | None:
    """What the holder of this link may still see: to answer, or to look again.

    None for every other link: forged, expired, revoked, of a merged or erased customer.
    `wanted` is the language they asked for, one of ours, or empty.
    """
    tidy = tokens.random_token(token)
    if not tidy:
        return None
    found = sql.open_page(token_hash=token_hash(tidy), wanted=wanted, now=now)
    return AnswerPage(*found) if found else None
