"""The rules of a row of contracts, and its way into a slice.

A row is a contract as it stands. It begins on a day, or so many months before the day
that the whole file is of. Of a contract that is here already, what differs is what
happened to it since. Where a column says what happened, each row is one such thing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import NamedTuple

from crm.rules import contract_words, dates
from crm.rules.choices import SubscriptionMove
from crm.rules.segment_tree import Period, Unit
from crm.services.imports import values
from crm.services.imports.columns import Fields, folded
from crm.services.imports.hashed_ids import IdMap
from crm.services.imports.parts import Parts
from crm.services.imports.reading import Row, unreadable
from crm.services.imports.slices import Slice, or_null
from crm.services.imports.values import Refused
from crm.services.imports.values.asked import CellRules
from crm.services.imports.values.days import day_of
from crm.services.imports.values.words import mapped
from crm.services.subscription_values import (
    MOST_ID,
    MOST_PLAN,
    MOST_REASON,
    VALUE_LIMIT,
)
from crm.services.subscriptions import CANCELLED_AHEAD
from crm.sql.subscription_import import TABLE
from web.rules import money

_COLUMNS = (
    *("customer_id", "subscription_id", "plan", "value", "currency", "started_on"),
    *("months", "changed_on", "cancelled_on", "is_cancelled", "reason", "happened"),
)
_OTHER_NAMES = {
    "customer_id": "customer customerid client_id account_id external_id user_id",
    "subscription_id": "contract_id subscription contract_number policy_number",
    "plan": "plan_name product contract tariff package tier",
    "value": "mrr monthly_charges monthlycharges monthly_value amount price",
    "started_on": "started start start_date since created_at contract_start",
    "months": "tenure tenure_months months_active",
    "changed_on": "changed valid_from",
    "cancelled_on": "canceled_on cancelled canceled end end_date ended_on churn_date",
    "is_cancelled": "churn churned is_canceled",
    "reason": "cancellation_reason churn_reason why",
    "happened": "what_happened event_type movement",
}
FIELDS = Fields(
    required=frozenset({"customer_id", "plan", "value"}),
    known=frozenset(_COLUMNS),
    one_of=(frozenset({"started_on", "months"}),),
    synonyms={
        folded(other): name
        for name, others in _OTHER_NAMES.items()
        for other in others.split()
    },
    dates=("started_on", "changed_on", "cancelled_on"),
    ahead=("changed_on", "cancelled_on"),
    numbers=("value",),
)
SLICE_ROWS = 3_000
MOST_MONTHS = 1_200
_BRINGS_NOTHING = frozenset({SubscriptionMove.PAUSED, SubscriptionMove.CANCELLED})
_YES = frozenset("yes y true 1 x churned cancelled canceled כן 是".split())
_NO = frozenset(("", *"no n false 0 active לא 否".split()))


@dataclass(frozen=True)
class SubscriptionSettings:
    """What the run knows besides the file; days are the shop's."""

    today: date
    # Of which day the file is, for months and for what was cancelled on no day.
    as_of: date
    currency: str
    # The records of this source by their id there.
    customers: IdMap
    cells: CellRules


class _Span(NamedTuple):
    started: date
    changed: date | None
    cancelled: date | None


class SubscriptionCheck:
    """Checks rows in file order."""

    def __init__(self, parts: Parts, settings: SubscriptionSettings) -> None:
        self._settings = settings
        self._width = lacking = len(parts.header)
        self._cells_of = itemgetter(
            *(parts.positions.get(name, lacking) for name in _COLUMNS)
        )
        self._id = values.identifier(MOST_ID)
        self._plan = values.one_line(MOST_PLAN)
        self._reason = values.one_line(MOST_REASON)
        self._number = values.remembering(
            values.number(digits=10, places=8, mark=settings.cells.numbers)
        )
        self._currency = mapped(values.currency(), settings.cells.words_of("currency"))
        self._is_history = "happened" in parts.positions
        self._move = mapped(contract_words.move, settings.cells.words_of("happened"))
        self._slice = Slice()
        self._rows: list[str] = []

    def slices(self, rows: Iterable[tuple[int, Row]]) -> Iterator[Slice]:
        """The rows checked and divided into slices, in their order."""
        for line, row in rows:
            self._take(line, row)
            yield from self._slice.overflow()
            if len(self._rows) >= SLICE_ROWS:
                yield self._taken()
        yield self._taken()

    def carried(self) -> bytes:
        """Rows know nothing of each other."""
        return b""

    def resume(self, carried: bytes) -> None:
        """Go on with what `carried` gave in an earlier step."""

    def _take(self, line: int, row: Row) -> None:
        if len(row) != self._width:
            self._slice.refuse(line, *unreadable(row))
            return
        checked = self._check(line, row)
        if isinstance(checked, Refused):
            self._slice.refuse(line, checked, row)
        else:
            self._rows.append(checked)
            # The database may refuse it, too.
            self._slice.rows[line] = row

    def _check(self, line: int, row: Row) -> str | Refused:
        """The row as COPY writes it, or why it is refused."""
        cells = [cell.strip() for cell in self._cells_of([*row, ""])]
        who, number, plan, amount, currency, *days, reason, happened = cells
        key = self._known_customer(who)
        if isinstance(key, Refused):
            return key
        external_id = self._id(number or who)
        if isinstance(external_id, Refused):
            return external_id.of("subscription_id")
        name, words = self._plan(plan), self._reason(reason)
        if isinstance(name, Refused) or not name:
            return Refused(name or "missing").of("plan")
        if isinstance(words, Refused):
            return words.of("reason")
        move = self._move(happened)
        if self._is_history and move is None:
            unknown = Refused("unknown", happened) if happened else Refused("missing")
            return unknown.of("happened")
        value = self._worth("0" if move in _BRINGS_NOTHING else amount, currency)
        if isinstance(value, Refused):
            return value
        span = self._span(days, move)
        if isinstance(span, Refused):
            return span
        found = (str(key), external_id, name, value[1], str(value[0]))
        on = (day.isoformat() if day else "" for day in span)
        told = (*map(or_null, (*found, *on)), words or "", or_null(move or ""))
        return "\t".join([str(line), *told]) + "\n"

    def _known_customer(self, cell: str) -> int | Refused:
        external_id = self._id(cell)
        if isinstance(external_id, Refused):
            return external_id.of("customer")
        if not external_id:
            return Refused("customer_missing")
        found = self._settings.customers.get(external_id, 0)
        return found or Refused("customer_unknown", cell)

    def _worth(self, amount: str, currency: str) -> tuple[Decimal, str] | Refused:
        """What it brings a month, as its currency rounds, and the currency."""
        code = self._currency(currency) or self._settings.currency
        if isinstance(code, Refused):
            return code
        if not amount:
            return Refused("value_missing")
        value = self._number(amount)
        if isinstance(value, Refused):
            return value.of("value")
        if not 0 <= value < VALUE_LIMIT:
            return Refused("value_out_of_range", amount)
        return money.round_money(value, code), code

    def _span(self, cells: list[str], move: SubscriptionMove | None) -> _Span | Refused:
        started_on, months, changed_on, cancelled_on, is_cancelled = cells
        started = self._start(started_on, months)
        if isinstance(started, Refused):
            return started
        if move is not None:
            is_end = move is SubscriptionMove.CANCELLED
            day = changed_on or (cancelled_on if is_end else "")
            return self._turn(move, started, day)
        changed = self._day(changed_on, "changed")
        if isinstance(changed, Refused):
            return changed
        cancelled = self._end(cancelled_on, is_cancelled)
        if isinstance(cancelled, Refused):
            return cancelled
        if cancelled and cancelled < started:
            return Refused("cancelled_before_started", cancelled_on)
        if changed and changed < started:
            return Refused("changed_before_started", changed_on)
        return _Span(started, changed, cancelled)

    def _turn(
        self, move: SubscriptionMove, started: date, cell: str
    ) -> _Span | Refused:
        """The day on which something happened, as that of a change."""
        if move is SubscriptionMove.STARTED:
            return _Span(started, started, None)
        # The end may lie ahead, and so may its being taken back.
        day = self._day(cell, "changed", self._settings.today + CANCELLED_AHEAD)
        if isinstance(day, Refused):
            return day
        if day is None:
            return Refused("missing").of("changed")
        if day < started:
            return Refused("changed_before_started", cell)
        return _Span(started, day, None)

    def _start(self, started_on: str, months: str) -> date | Refused:
        started = self._day(started_on, "started")
        if isinstance(started, Refused):
            return started
        if started:
            return started
        count = self._number(months) if months else Refused("missing")
        if isinstance(count, Refused):
            return count.of("months")
        if count != int(count) or not 0 <= count <= MOST_MONTHS:
            return Refused("months_out_of_range", months)
        return Period(int(count), Unit.MONTHS).before(self._settings.as_of)

    def _end(self, cancelled_on: str, is_cancelled: str) -> date | Refused | None:
        """The first day without it; None where it goes on."""
        if cancelled_on:
            latest = self._settings.today + CANCELLED_AHEAD
            return self._day(cancelled_on, "cancelled", latest)
        word = values.folded(is_cancelled)
        if word not in _YES | _NO:
            return Refused("cancelled_yes_no_unknown", is_cancelled)
        return self._settings.as_of if word in _YES else None

    def _day(
        self, cell: str, column: str, latest: date | None = None
    ) -> date | Refused | None:
        if not cell:
            return None
        cells = self._settings.cells
        found = day_of(cell, order=cells.date_order, has_serials=cells.has_serial_dates)
        if isinstance(found, Refused):
            return found.of(column)
        if found > (latest or self._settings.today):
            return Refused("date_in_future", cell).of(column)
        if found < dates.EARLIEST.date():
            return Refused("date_too_early", cell).of(column)
        return found

    def _taken(self) -> Slice:
        full, self._slice = self._slice, Slice()
        rows, self._rows = self._rows, []
        full.accepted = len(rows)
        full.staged = {TABLE: rows}
        return full
