"""The cells that every line of an order repeats: time, currency, delivery, state.

Some shops write them on the first line of an order alone. An empty cell of a later line
means the order's own value.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from crm.rules import trade
from crm.rules.choices import OrderState
from crm.services.imports import values
from crm.services.imports.values import Moment, Refused
from crm.services.imports.values.asked import CellRules
from crm.services.imports.values.date_orders import DateCounts
from crm.services.imports.values.words import mapped

# orders.py itself reads the two ids, which come first, and the address.
COLUMNS = (
    "order_id",
    "customer_id",
    "ordered_at",
    "currency",
    "delivered_at",
    "status",
    "email",
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
        self,
        *,
        zone: ZoneInfo,
        shop_zone: ZoneInfo,
        currency: str,
        now: datetime,
        rules: CellRules,
    ) -> None:
        self._default_currency = rules.defaults.get("currency") or currency
        self._currency = values.remembering(
            mapped(values.currency(), rules.words_of("currency"))
        )
        self.date_counts = DateCounts()
        self._moment = values.remembering(
            values.moments(
                zone,
                shop_zone,
                now,
                order=rules.date_order,
                has_serials=rules.has_serial_dates,
                counts=self.date_counts,
            )
        )
        self._state = values.remembering(mapped(_state, rules.words_of("status")))

    def read(self, cells: tuple[str, ...], first: Head | None = None) -> Head | Refused:
        """`first` is what the first line of the same order says."""
        moment, delivered = self._moment(cells[2]), self._moment(cells[4])
        if moment is None:
            if first is None:
                return Refused("date_missing")
            moment = first.moment
        if isinstance(moment, Refused):
            return moment
        if isinstance(delivered, Refused):
            return delivered.of("delivered")
        # Delivered on the day of the order is an errand around the corner.
        if delivered is not None and delivered.day < moment.day:
            return Refused("delivered_before_ordered")
        currency, state = self._currency(cells[3]), self._state(cells[5])
        if isinstance(currency, Refused):
            return currency
        if isinstance(state, Refused):
            return state
        if delivered is not None and not state:
            state = OrderState.DELIVERED.value
        if not currency:
            currency = first.currency if first else self._default_currency
        return Head(moment, currency, delivered.day if delivered else "", state)


def _state(raw: str) -> str:
    """The order's state, empty where the file says nothing about it."""
    word = values.folded(raw)
    if not word:
        return ""
    state = trade.STATUS_WORDS.get(word)
    return state.value if state else Refused("status_unknown", raw.strip())
