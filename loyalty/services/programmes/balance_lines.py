"""The lines of a file of balances: whose each part is, of which programme, how much of
what, and until when."""

import hashlib
from array import array
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crm.rules import names
from crm.services.imports import values
from crm.services.imports.hashed_ids import IdMap, lasting_hash
from crm.services.imports.parts import Parts
from crm.services.imports.reading import Row
from crm.services.imports.row_checks import RowCheck
from crm.services.imports.slices import NULL
from crm.services.imports.values import Refused
from crm.services.imports.values.asked import CellRules
from crm.services.imports.values.days import day_of
from crm.services.imports.values.numbers import currencies_named
from crm.services.imports.values.people import addresses_in
from loyalty.choices import Unit
from loyalty.models import Programme
from loyalty.rules.programmes import expiry
from loyalty.selectors.programmes import rule_of
from loyalty.services import member_links
from loyalty.services.programmes.balance_columns import COLUMNS
from loyalty.sql import balance_import as sql

SLICE_ROWS = 3_000
# So many digits before the mark: the sum of many such parts is still a balance.
_DIGITS = 12
_SEVERAL, _UNKNOWN = 0, -1
_UNIT_WORDS = {
    Unit.POINTS.value: frozenset(
        "points point pts pt star stars coins credits 积分 点 點 點數 積分 נקודות"
        " נקודה".split()
    ),
    Unit.STAMPS.value: frozenset(
        "stamps stamp punches punch visits 印章 印花 次 חותמות חותמת ניקובים".split()
    ),
    Unit.MONEY.value: frozenset("money credit cash 金额 金額 כסף".split()),
}


@dataclass(frozen=True)
class BalanceSettings:
    """What the run knows besides the file. `programmes`: those that are not archived,
    by each of their names and by number; `chosen`: of rows that name none."""

    source: str
    today: date
    customers: IdMap
    addresses: IdMap
    cells: CellRules
    programmes: Mapping[str, Programme]
    chosen: Programme | None


class BalanceCheck(RowCheck):
    """A file of balances. Remembers which parts it met, since two lines that say the
    same are two parts, and the same file again has the same two."""

    def __init__(self, parts: Parts, known: BalanceSettings) -> None:
        super().__init__(parts, COLUMNS, table=sql.TABLE, most=SLICE_ROWS)
        self._known = known
        self._id = values.identifier(120)
        self._units = values.remembering(
            values.number(digits=_DIGITS, places=8, mark=known.cells.numbers)
        )
        self._met: defaultdict[int, int] = defaultdict(int)

    def carried(self) -> bytes:
        return array("Q", [n for pair in self._met.items() for n in pair]).tobytes()

    def resume(self, carried: bytes) -> None:
        numbers = array("Q", carried)
        self._met.update(zip(numbers[::2], numbers[1::2], strict=True))

    def _check(self, line: int, row: Row) -> str:
        number, email, code, amount, unit, expires, earned, lot, name = self._cells(row)
        programme = self._programme(name)
        if isinstance(programme, Refused):
            return programme
        customer = self._customer(number, email, code)
        if isinstance(customer, Refused):
            return customer
        units = self._amount(amount, unit, programme)
        if isinstance(units, Refused):
            return units
        days = self._days(earned, expires, programme)
        if isinstance(days, Refused):
            return days
        key = self._key(lot, programme, customer, units, days)
        if isinstance(key, Refused):
            return key
        # The loader may refuse the customer.
        self._slice.rows[line] = row
        earned_on, expires_on = days
        return (
            f"{line}\t{programme.pk}\t{customer}\t{units}"
            f"\t{earned_on}\t{expires_on or NULL}\t{key}\n"
        )

    def _programme(self, name: str) -> Programme | Refused:
        if not name:
            return self._known.chosen or Refused("programme_missing")
        found = self._known.programmes.get(values.folded(name))
        return found or Refused("programme_unknown", name)

    def _customer(self, number: str, email: str, code: str) -> int | Refused:
        """By the number, else by an address that one record has, else by the code."""
        known_by = self._id(number)
        if isinstance(known_by, Refused):
            return known_by.of("customer")
        if known_by and (found := self._known.customers.get(known_by, 0)):
            return found
        address = email or (known_by if "@" in known_by else "")
        if address:
            several = addresses_in(address)
            written = several[0] if len(several) == 1 else address
            found = self._known.addresses.get(names.normalise_email(written), _UNKNOWN)
            if found > 0:
                return found
            if found == _SEVERAL:
                return Refused("email_of_several", address)
        if code:
            return member_links.number_in(code) or Refused("member_code_unknown", code)
        if address or known_by:
            return Refused("customer_unknown", address or known_by)
        return Refused("nobody_named")

    def _amount(self, cell: str, unit: str, programme: Programme) -> Decimal | Refused:
        if values.is_nothing(cell):
            return Refused("units_missing")
        units = self._units(cell)
        if isinstance(units, Refused):
            return units.of("units")
        if _is_other(programme, cell, unit):
            return Refused("unit_other", unit or cell)
        if units <= 0:
            return Refused("units_negative" if units else "units_zero", cell)
        if units != round(units, programme.places):
            return Refused("units_too_fine", cell)
        return round(units, programme.places)

    def _days(
        self, earned: str, expires: str, programme: Programme
    ) -> tuple[date, date | None] | Refused:
        """The day on which it was earned, today where nothing says so; and the last
        day, as the programme says for that day where the file does not."""
        today = self._known.today
        earned_on = self._day(earned, "earned_on") or today
        if isinstance(earned_on, Refused):
            return earned_on
        if earned_on > today:
            return Refused("earned_on_in_future", earned)
        last = self._day(expires, "expires_on")
        if isinstance(last, Refused):
            return last
        last = last or expiry.last_day(rule_of(programme), earned_on)
        if last is not None and last < today:
            return Refused("expires_on_over", expires or earned)
        return earned_on, last

    def _day(self, cell: str, column: str) -> date | Refused | None:
        if values.is_nothing(cell):
            return None
        cells = self._known.cells
        found = day_of(cell, order=cells.date_order, has_serials=cells.has_serial_dates)
        return found.of(column) if isinstance(found, Refused) else found

    def _key(
        self,
        lot: str,
        programme: Programme,
        customer: int,
        units: Decimal,
        days: tuple[date, date | None],
    ) -> str | Refused:
        """What makes twice the same as once: its number there, else what it says, and
        the how manieth it is that says so."""
        lot_id = self._id(lot)
        if isinstance(lot_id, Refused):
            return lot_id.of("lot_id")
        told = ("lot", lot_id) if lot_id else ("", str(units), *map(str, days))
        met = lasting_hash("\0".join((str(programme.pk), str(customer), *told)))
        self._met[met] += 1
        if lot_id and self._met[met] > 1:
            return Refused("lot_id_twice", lot)
        if self._met[met] > 1:
            self._slice.notes.add("lots_alike")
        whole = "\0".join((self._known.source, *told, str(self._met[met])))
        return f"import:{hashlib.sha256(whole.encode()).hexdigest()[:32]}"


def _is_other(programme: Programme, cell: str, unit: str) -> bool:
    """Whether the file counts something else than the programme."""
    named = currencies_named(cell)
    word = values.folded(unit)
    if programme.unit != Unit.MONEY.value:
        return bool(named) or bool(word and word not in _UNIT_WORDS[programme.unit])
    if named and programme.currency not in named:
        return True
    is_currency = word.upper() == programme.currency
    return bool(word) and not is_currency and word not in _UNIT_WORDS[programme.unit]
