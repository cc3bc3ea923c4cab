"""What makes the id of a customer's row, and which rows of a file are one person."""

import hmac
import json
from collections.abc import Callable

from crm.rules import names
from crm.rules.import_modes import Identity
from crm.services.imports.hashed_ids import IdSet
from crm.services.imports.modes import Modes
from crm.services.imports.reading import Columns, Row
from crm.services.imports.values import Refused, identifier, plain, remembering
from crm.services.imports.values.people import addresses_in
from web.errors import InvalidValue
from web.rules import text

_NAMES = ("name", "given_name", "family_name")
_NUMBER_DIGITS = 16


class People:
    """Tells by the cells of a row who is meant. Asks the database nothing."""

    def __init__(self, columns: Columns, modes: Modes) -> None:
        self._width = len(columns.header)
        self._positions = columns.positions
        self._modes = modes
        self._address = remembering(_address)

    def address(self, row: Row) -> str:
        """Its normal form, empty where the row has none that can be read."""
        return self._address(self._cell(row, "email"))

    def key(self, row: Row) -> str:
        """Rows with the same one are one person; "" stands alone.

        The address; without one, where no column holds ids, the name with the phone
        number, and else all that the row says.
        """
        if len(row) != self._width:
            return ""
        if address := self.address(row):
            return f"address\n{address}"
        if self._modes.identity is not Identity.NUMBER:
            return ""
        name = "\n".join(_folded(self._cell(row, column)) for column in _NAMES)
        digits = "".join(filter(str.isdecimal, self._cell(row, "phone")))
        if name.strip() and digits:
            return f"phone\n{digits}\n{name}"
        said = {
            column: cell
            for column, at in sorted(self._positions.items())
            if (cell := plain(row[at]))
        }
        return json.dumps(said, ensure_ascii=False) if said else ""

    def _cell(self, row: Row, column: str) -> str:
        at = self._positions.get(column)
        return "" if at is None else row[at]


def _address(cell: str) -> str:
    """As contact_cells.py reads it."""
    try:
        email = text.valid_email(cell)
    except InvalidValue:
        email = next(iter(addresses_in(cell)), "")
    return names.normalise_email(email.removeprefix("'"))


def _folded(cell: str) -> str:
    return " ".join(plain(cell).split()).casefold()


class RowIds:
    """Reads or makes the external id of each row."""

    def __init__(
        self, people: People, modes: Modes, *, source: str, secret: bytes
    ) -> None:
        self.key_of = people.key
        self._people = people
        self._column = identifier(120, required=True)
        self._source = source
        self._secret = secret
        self._read: Callable[[str, Row], str] = {
            Identity.COLUMN: self._from_column,
            Identity.ADDRESS: self._from_address,
            Identity.NUMBER: self._number,
        }[modes.identity]

    def read(self, cell: str, row: Row) -> str:
        """`cell`: that of the column external_id. Or Refused."""
        return self._read(cell, row)

    def _from_column(self, cell: str, row: Row) -> str:
        found = self._column(cell)
        return found.of("external_id") if isinstance(found, Refused) else found

    def _from_address(self, cell: str, row: Row) -> str:
        address = self._people.address(row)
        if len(address) > 120:
            return Refused("email_too_long")
        return address or Refused("email_missing")

    def _number(self, cell: str, row: Row) -> str:
        """Nobody can work out an address from it: the shop's secret is in it."""
        key = self._people.key(row)
        if not key:
            return Refused("person_missing")
        told = f"row\n{self._source}\n{key}".encode("utf-8", "surrogatepass")
        digest = hmac.digest(self._secret, told, "sha256").hex()
        return f"P-{digest[:_NUMBER_DIGITS]}"


class PeopleGroups:
    """The rows of one person, as they come: a `Grouping` for `parts.divide`."""

    names_addresses = False

    def __init__(self, people: People) -> None:
        self.key_of = people.key
        self._seen = IdSet()
        self.scattered = IdSet()
        self._last = ""

    def add(self, row: Row) -> bool:
        """Whether another group begins with this row."""
        key, before = self.key_of(row), self._last
        self._last = key
        if key and key == before:
            return False
        if key and not self._seen.add(key):
            self.scattered.add(key)
        return True

    def torn(self) -> IdSet:
        """None: rows of one person need not stand together."""
        return IdSet()
