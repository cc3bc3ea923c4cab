"""The rules of an order line, and its way into a slice."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from zoneinfo import ZoneInfo

from crm.rules import names, trade
from crm.rules.choices import OrderNature, OrderState, ProductNature
from crm.services.imports import values
from crm.services.imports.order_lines import COLUMNS, Known, LineReader
from crm.services.imports.pricing import Pricing
from crm.services.imports.products import FileProducts
from crm.services.imports.reading import BROKEN, Fields, Row, Table
from crm.services.imports.slices import NULL, Slice, escaped
from crm.services.imports.values import Moment, Refused

FIELDS = Fields(
    required=frozenset({"order_id", "customer_id", "ordered_at", "sku", "quantity"}),
    known=frozenset(
        {"order_id", "customer_id", "ordered_at", "sku", "quantity", "product"}
        | {"category", "unit_price", "line_total", "currency", "delivered_at"}
        | {"status", "country", "line_id"}
    ),
    one_of=(frozenset({"unit_price", "line_total"}),),
)
# Small, so that checks of one run beside the load of another in short files as well.
SLICE_LINES = 16_000
MOST_LINES_OF_AN_ORDER = 10_000
# A customer that this run makes has no id yet; an erased one never gets rows again.
NEW = -1
ERASED = 0

_HEAD = ("order_id", "customer_id", "ordered_at", "currency", "delivered_at", "status")


@dataclass(frozen=True)
class OrderSettings:
    """What the run knows besides the file."""

    now: datetime
    zone: ZoneInfo
    shop_zone: ZoneInfo
    currency: str
    rules: trade.ProductRules
    # Natures that products have already, where they are not plain products.
    natures: Mapping[str, ProductNature]
    # External id -> id of the live record; ERASED where there is none any more.
    customers: dict[str, int]
    create_customers: bool = False
    decimal_comma: bool = False


@dataclass(slots=True)
class _Head:
    """What the cells of an order's own columns say."""

    moment: Moment
    currency: str
    delivered: str
    state: str


@dataclass(slots=True)
class _Order:
    order_id: str
    customer_id: str
    customer: int
    head: _Head
    no: int = 0
    country: str = ""
    seen: int = 0
    lines: int = 0
    total: Decimal = Decimal(0)
    is_taken: bool = False  # some line has a positive quantity
    keys: set[str] = field(default_factory=set)
    known_lines: Known = field(default_factory=dict)


class OrderCheck:
    """Checks rows in file order; the lines of an order must come together."""

    def __init__(self, table: Table, settings: OrderSettings) -> None:
        self._settings = settings
        self._width = len(table.header)
        self._head_of = _cells(table, _HEAD)
        self._tail_of = _cells(table, COLUMNS)
        self._country_at = table.positions.get("country", self._width)
        self._has_line_ids = "line_id" in table.positions
        self._slice = Slice()
        self._order: _Order | None = None
        self._orders: list[str] = []
        self._lines: list[str] = []
        self._customers: list[str] = []
        self._has_new = False
        self._products = FileProducts(settings.rules, settings.natures)
        pricing = Pricing(decimal_comma=settings.decimal_comma)
        self._reader = LineReader(self._products, pricing)
        self._id = values.one_line(120, required=True)
        self._line_id = values.one_line(60)
        self._country = values.remembering(values.countries())
        self._currency = values.remembering(values.currency(settings.currency))
        self._moment = values.remembering(
            values.moments(settings.zone, settings.shop_zone, settings.now)
        )

    def slices(self, rows: Iterable[tuple[int, Row]]) -> Iterator[Slice]:
        head_of, tail_of, width = self._head_of, self._tail_of, self._width
        add, lines = self._add, self._lines
        last: tuple[str, ...] | None = None
        order: _Order | Refused = Refused("")
        for line, row in rows:
            if len(row) != width:
                self._slice.refuse(line, "quoting" if row is BROKEN else "columns", row)
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
            if refused is not None:
                row.pop()
                self._slice.refuse(line, refused, row)
                yield from self._slice.overflow()
        self._close()
        yield self._taken()

    # --- The order -------------------------------------------------------------------

    def _turn_to(self, cells: tuple[str, ...]) -> _Order | Refused:
        """The order that lines with these cells belong to, or why to none."""
        order_id = self._id(cells[0])
        if self._order is not None and order_id == self._order.order_id:
            return self._same_order(self._order, cells)
        self._close()
        if isinstance(order_id, Refused):
            return order_id.of("order")
        customer_id = self._id(cells[1])
        if isinstance(customer_id, Refused):
            return customer_id.of("customer")
        head = self._read_head(cells)
        if isinstance(head, Refused):
            return head
        customer = self._settings.customers.get(customer_id)
        if customer == ERASED:
            return Refused("customer_erased")
        if customer is None and not self._settings.create_customers:
            return Refused("customer_unknown")
        return _Order(
            order_id, customer_id, NEW if customer is None else customer, head
        )

    def _same_order(self, order: _Order, cells: tuple[str, ...]) -> _Order | Refused:
        """A later line may differ in time (the first line's counts), not in buyer."""
        head = self._read_head(cells)
        if isinstance(head, Refused):
            return head
        if self._id(cells[1]) != order.customer_id:
            return Refused("order_two_customers")
        if head.currency != order.head.currency:
            return Refused("order_two_currencies")
        order.head.delivered = order.head.delivered or head.delivered
        order.head.state = order.head.state or head.state
        return order

    def _read_head(self, cells: tuple[str, ...]) -> _Head | Refused:
        moment, delivered = self._moment(cells[2]), self._moment(cells[4])
        if moment is None:
            return Refused("date_missing")
        if isinstance(moment, Refused):
            return moment
        if isinstance(delivered, Refused):
            return delivered.of("delivered")
        if delivered is not None and delivered.day < moment.day:
            return Refused("delivered_before_ordered")
        currency, state = self._currency(cells[3]), _state(cells[5], delivered)
        if isinstance(currency, Refused):
            return currency
        if isinstance(state, Refused):
            return state
        return _Head(moment, currency, delivered.day if delivered else "", state)

    def _open(self, order: _Order, row: Row) -> None:
        if self._order is not order:
            order.no = len(self._orders)
            order.country = row[self._country_at]
            order.known_lines = self._reader.known_in(order.head.currency)
            self._order = order

    def _make_customer(self, order: _Order) -> None:
        if order.customer_id in self._settings.customers:
            return
        country = self._country(order.country)
        if country is None:
            self._slice.notes["country_unknown"] += 1
        self._settings.customers[order.customer_id] = NEW
        search = names.customer_search_text("", "", "", order.customer_id)
        self._customers.append(
            f"{escaped(order.customer_id)}\t{escaped(search)}\t{country or ''}\n"
        )

    def _close(self) -> None:
        order, self._order = self._order, None
        if order is None or not order.lines:
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

    def _add(self, order: _Order, cells: tuple[str, ...]) -> str | None:
        """Put one line into the open order, or say why not."""
        order.seen += 1
        line = order.known_lines.get(cells) or self._reader.read(
            order.head.currency, cells
        )
        if isinstance(line, Refused):
            return line
        key = str(order.seen)
        if self._has_line_ids:
            key = self._key_of(order, cells[-1], key)
            if isinstance(key, Refused):
                return key
        if order.lines >= MOST_LINES_OF_AN_ORDER:
            return "order_too_many_lines"
        order.lines += 1
        order.total += line[1]
        if line[2]:
            order.is_taken = True
        self._lines.append(f"{order.no}\t{key}\t{line[0]}\n")
        return None

    def _key_of(self, order: _Order, line_id: str, running: str) -> str:
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
        full.accepted = len(self._lines)
        full.has_references = self._has_new
        self._has_new = False
        full.staged = {
            "import_order": self._orders.copy(),
            "import_line": self._lines.copy(),
            "import_product": self._products.take_fresh(),
            "import_customer_ref": self._customers.copy(),
        }
        for rows in (self._orders, self._lines, self._customers):
            rows.clear()
        return full


def _state(raw: str, delivered: Moment | None) -> str:
    """The order's state, empty where the file says nothing about it."""
    word = raw.strip().casefold()
    if not word:
        return OrderState.DELIVERED.value if delivered else ""
    state = trade.STATUS_WORDS.get(word)
    return state.value if state else Refused("status_unknown")


def _cells(table: Table, names: tuple[str, ...]) -> Callable[[Row], tuple[str, ...]]:
    lacking = len(table.header)
    return itemgetter(*(table.positions.get(name, lacking) for name in names))
