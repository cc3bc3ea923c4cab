"""The rules of an order line, and its way into a slice.

An order goes in as a whole or not at all: where one of its lines is refused, all go to
the rejects. What is corrected and imported again replaces the whole order.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter

from crm.rules import names
from crm.rules.choices import OrderNature
from crm.services.imports import order_heads, values
from crm.services.imports.columns import Fields
from crm.services.imports.hashed_ids import IdSet
from crm.services.imports.open_order import OpenOrder
from crm.services.imports.order_buyers import BuyerReader
from crm.services.imports.order_heads import HeadReader
from crm.services.imports.order_lines import (
    COLUMNS,
    LINE_ID,
    LineReader,
    ReturnedReader,
)
from crm.services.imports.order_settings import OrderSettings
from crm.services.imports.pricing import Pricing, TaxReader
from crm.services.imports.products import FileProducts
from crm.services.imports.reading import Columns, Row, unreadable
from crm.services.imports.skipped_cells import note_date_order
from crm.services.imports.slices import NULL, Slice, escaped
from crm.services.imports.values import Refused

FIELDS = Fields(
    required=frozenset({"order_id", "customer_id", "ordered_at", "quantity"}),
    known=frozenset(
        {"order_id", "customer_id", "ordered_at", "sku", "quantity", "product"}
        | {"category", "unit_price", "line_total", "currency", "delivered_at"}
        | {"status", "country", "line_id", "email", "returns_order", "returns_line"}
        | {"line_tax", "line_tax_added"}
    ),
    one_of=(frozenset({"unit_price", "line_total"}), frozenset({"sku", "product"})),
)
# Small, so that checks of one run beside the load of another in short files as well.
SLICE_LINES = 16_000
MOST_LINES_OF_AN_ORDER = 10_000
NEW = -1  # a customer that this run makes has no id yet
INCOMPLETE = "order_incomplete"


class OrderCheck:
    """Checks rows in file order; the lines of an order must come together."""

    def __init__(self, table: Columns, settings: OrderSettings) -> None:
        self._settings = settings
        self._width = len(table.header)
        self._head_of = _cells(table, order_heads.COLUMNS)
        self._tail_of = _cells(table, COLUMNS)
        self._country_at = table.positions.get("country", self._width)
        self._has_line_ids = "line_id" in table.positions
        self._returned = ReturnedReader(table.positions)
        self._slice = Slice()
        self._order: OpenOrder | None = None
        # The lines of the open order that are taken so far, as they were.
        self._held: list[tuple[int, Row]] = []
        self._refused_id = ""
        self._orders: list[str] = []
        self._lines: list[str] = []
        self._customers: list[str] = []
        # Customers that this run makes.
        self._made = IdSet()
        self._has_new = False
        self._products = FileProducts(settings.rules, settings.natures)
        pricing = Pricing(mark=settings.cells.numbers)
        tax = TaxReader(
            mark=settings.cells.numbers, words=settings.cells.words_of("line_tax")
        )
        self._reader = LineReader(self._products, pricing, tax)
        self._id = values.identifier(120, required=True)
        self._line_id = values.identifier(60)
        self._buyers = BuyerReader(settings.customers, settings.cells)
        self._heads = HeadReader(
            zone=settings.zone,
            shop_zone=settings.shop_zone,
            currency=settings.currency,
            now=settings.now,
            rules=settings.cells,
        )

    def slices(self, rows: Iterable[tuple[int, Row]]) -> Iterator[Slice]:
        """The rows checked and divided into slices, in their order."""
        head_of, tail_of, width = self._head_of, self._tail_of, self._width
        add, lines, held = self._add, self._lines, self._held
        last: tuple[str, ...] | None = None
        order: OpenOrder | Refused = Refused("")
        for line, row in rows:
            if len(row) != width:
                self._slice.refuse(line, *unreadable(row))
                yield from self._slice.overflow()
                continue
            # An empty cell at the end stands for every column that the file lacks.
            row.append("")
            head = head_of(row)
            if head != last:
                last, order = head, self._turn_to(head)
                if len(lines) >= SLICE_LINES and self._order is None:
                    yield self._taken()
                if not isinstance(order, Refused):
                    self._open(order, row)
            refused = order if isinstance(order, Refused) else add(order, tail_of(row))
            if refused is None:
                held.append((line, row))
                continue
            if self._order is not None:
                self._refuse_whole(self._order)
            row.pop()
            self._slice.refuse(line, refused, row)
            yield from self._slice.overflow()
        self._close()
        yield self._taken()

    def carried(self) -> bytes:
        """What the next step has to know of the rows so far."""
        products = json.dumps(self._products.carried()).encode()
        return len(products).to_bytes(8, "big") + products + self._made.as_bytes()

    def resume(self, carried: bytes) -> None:
        """Go on with what `carried` gave in an earlier step."""
        end = 8 + int.from_bytes(carried[:8], "big")
        self._products.resume(json.loads(carried[8:end]))
        self._made = IdSet(carried[end:])

    # --- The order -------------------------------------------------------------------

    def _turn_to(self, cells: tuple[str, ...]) -> OpenOrder | Refused:
        """The order that lines with these cells belong to, or why to none."""
        order_id = self._id(cells[0])
        if self._order is not None and order_id == self._order.order_id:
            return self._same_order(self._order, cells)
        self._close()
        if isinstance(order_id, Refused):
            return order_id.of("order")
        order = self._read_order(order_id, cells)
        if isinstance(order, Refused):
            self._refused_id = order_id
        else:
            order.is_refused = (
                order_id == self._refused_id or order_id in self._settings.torn
            )
        return order

    def _read_order(self, order_id: str, cells: tuple[str, ...]) -> OpenOrder | Refused:
        customer_id = self._buyers.read(cells[1], cells[6], order_id)
        if isinstance(customer_id, Refused):
            return customer_id
        head = self._heads.read(cells)
        if isinstance(head, Refused):
            return head
        erased, day = self._settings.erased, head.moment.day
        is_erased = erased.covers(customer_id, day)
        if not is_erased and customer_id != cells[1]:
            # Older ids of addresses may have had capitals.
            is_erased = erased.covers(cells[1].strip(), day)
        if is_erased:
            return Refused("customer_erased")
        customer = self._customer(customer_id)
        if customer == NEW and not self._settings.create_customers:
            return Refused("customer_unknown")
        return OpenOrder(order_id, customer_id, customer, head)

    def _customer(self, customer_id: str) -> int:
        """By id in the source of the file, else by address: programs name buyers of
        orders by address and the same people elsewhere by number."""
        found = self._settings.customers.get(customer_id, NEW)
        if found != NEW or "@" not in customer_id:
            return found
        address = names.normalise_email(customer_id)
        return self._settings.addresses.get(address, 0) or NEW

    def _same_order(
        self, order: OpenOrder, cells: tuple[str, ...]
    ) -> OpenOrder | Refused:
        """A later line may differ in time (the first line's counts), not in buyer."""
        head = self._heads.read(cells, order.head)
        if isinstance(head, Refused):
            return head
        if not self._buyers.same(cells[1], order.customer_id):
            return Refused("order_two_customers")
        if head.currency != order.head.currency:
            return Refused("order_two_currencies")
        order.head.delivered = order.head.delivered or head.delivered
        order.head.state = order.head.state or head.state
        return order

    def _open(self, order: OpenOrder, row: Row) -> None:
        if self._order is not order:
            order.no = len(self._orders)
            order.start = len(self._lines)
            order.country = row[self._country_at]
            order.known_lines = self._reader.known_in(order.head.currency)
            self._order = order

    def _make_customer(self, order: OpenOrder) -> None:
        if not self._made.add(order.customer_id):
            return
        if self._settings.erased.is_erased(order.customer_id):
            self._slice.returned.append(order.customer_id)
        row = self._buyers.as_row(order.customer_id, order.country, self._slice)
        self._customers.append(row)

    def _refuse_whole(self, order: OpenOrder) -> None:
        """One line of the order is refused: those before it are too."""
        order.is_refused = True
        del self._lines[order.start :]
        for line, row in self._held:
            row.pop()
            self._slice.refuse(line, INCOMPLETE, row)
        self._held.clear()

    def _close(self) -> None:
        order, self._order = self._order, None
        self._held.clear()
        if order is None or order.is_refused:
            return
        nature = OrderNature.SALE if order.is_taken else OrderNature.RETURN
        is_new = order.customer == NEW
        if is_new:
            self._has_new = True
            self._make_customer(order)
        head = order.head
        self._orders.append(
            f"{order.no}\t{escaped(order.order_id)}"
            f"\t{NULL if is_new else order.customer}"
            f"\t{escaped(order.customer_id) if is_new else NULL}"
            f"\t{nature.value}\t{head.state or NULL}"
            f"\t{head.moment.at}\t{head.moment.day}\t{head.delivered or NULL}"
            f"\t{head.currency}\t{order.total}\t{order.lines}\n"
        )

    # --- The line --------------------------------------------------------------------

    def _add(self, order: OpenOrder, cells: tuple[str, ...]) -> str | None:
        """Put one line into the open order, or say why not."""
        order.seen += 1
        line = order.known_lines.get(cells) or self._reader.read(
            order.head.currency, cells
        )
        if isinstance(line, Refused):
            return line
        key = str(order.seen)
        if self._has_line_ids:
            key = self._key_of(order, cells[LINE_ID], key)
            if isinstance(key, Refused):
                return key
        returned = self._returned.read(cells)
        if isinstance(returned, Refused):
            return returned
        if order.lines >= MOST_LINES_OF_AN_ORDER:
            return "order_too_many_lines"
        if order.is_refused:
            return INCOMPLETE
        order.lines += 1
        order.total += line[1]
        if line[2]:
            order.is_taken = True
        self._lines.append(f"{order.no}\t{key}\t{line[0]}\t{returned}\n")
        return None

    def _key_of(self, order: OpenOrder, line_id: str, running: str) -> str:
        key = self._line_id(line_id)
        if isinstance(key, Refused):
            return key.of("line_id")
        key = key or running
        if key in order.keys:
            return Refused("line_id_twice")
        order.keys.add(key)
        return escaped(key)

    def _taken(self) -> Slice:
        """The full slice; the next one begins empty."""
        full, self._slice = self._slice, Slice()
        note_date_order(full, self._heads.date_counts)
        full.accepted = len(self._lines)
        full.has_references = self._has_new
        self._has_new = False
        full.staged = {
            "import_order": self._orders.copy(),
            "import_line": self._lines.copy(),
            "import_product": self._products.take_fresh(),
            "import_customer_ref": self._customers.copy(),
        }
        # A copy: the next slice is checked while this one is loaded.
        full.suspects = self._products.suspects.copy()
        for rows in (self._orders, self._lines, self._customers):
            rows.clear()
        return full


def _cells(table: Columns, names: tuple[str, ...]) -> Callable[[Row], tuple[str, ...]]:
    lacking = len(table.header)
    return itemgetter(*(table.positions.get(name, lacking) for name in names))
