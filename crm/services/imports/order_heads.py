"""The cells that every line of an order repeats: time, currency, delivery, state."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from crm.rules import trade
from crm.rules.choices import OrderState
from crm.services.imports import values
from crm.services.imports.values import Moment, Refused

# Order and customer id come first; orders.py reads those two itself.
COLUMNS = (
    "order_id",
    "customer_id",
    "ordered_at",
    "currency",
    "delivered_at",
    "status",
)


@dataclass(slots=True)
class Head:
    """What the cells of an order's own columns say."""

    moment: Moment
    currency: str
    delivered: str
    state: str


class HeadReader:
    """Reads the cells of COLUMNS; what was read once is remembered."""

    def __init__(
        self, *, zone: ZoneInfo, shop_zone: ZoneInfo, currency: str, now: datetime
    ) -> None:
        self._currency = values.remembering(values.currency(currency))
        self._moment = values.remembering(values.moments(zone, shop_zone, now))

    def read(self, cells: tuple[str, ...]) -> Head | Refused:
        moment, delivered = self._moment(cells[2]), self._moment(cells[4])
        if moment is None:
            return Refused("date_missing")
        if isinstance(moment, Refused):
            return moment
        if isinstance(delivered, Refused):
            return delivered.of("delivered")
        # Delivered on the day of the order is an errand around the corner.
        if delivered is not None and delivered.day < moment.day:
            return Refused("delivered_before_ordered")
        currency, state = self._currency(cells[3]), _state(cells[5], delivered)
        if isinstance(currency, Refused):
            return currency
        if isinstance(state, Refused):
            return state
        return Head(moment, currency, delivered.day if delivered else "", state)


def _state(raw: str, delivered: Moment | None) -> str:
    """The order's state, empty where the file says nothing about it."""
    word = raw.strip().casefold()
    if not word:
        return OrderState.DELIVERED.value if delivered else ""
    state = trade.STATUS_WORDS.get(word)
    return state.value if state else Refused("status_unknown")
