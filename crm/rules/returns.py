"""Which purchase a return gives back.

What a person chose comes first, then what the return names, in the order of time.
Every other return takes from the latest earlier purchases of the product in its
currency, at most what is left of them: the last bought is the first given back.
Deterministic, and the same in whatever order the orders came to be known.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from crm.rules.choices import MatchBasis, Unmatched

ZERO = Decimal(0)


class Line(NamedTuple):
    """A line of an order, by what stays when lines are replaced."""

    order: int
    key: str


@dataclass(frozen=True)
class Moved:
    """A line of goods that went out or came back; `quantity` above zero both ways.

    `what` holds what has to agree for one to be the return of the other: customer,
    product and currency. `at`, `source` and `number` are those of its order.
    """

    line: Line
    what: tuple[int, int, str]
    at: datetime
    source: str
    number: str
    quantity: Decimal

    @property
    def place(self) -> tuple[datetime, str, str, int, str]:
        """Its place in time. Keys that are numbers count as such: 2 is before 10."""
        key = self.line.key
        return self.at, self.source, self.number, len(key), key


@dataclass(frozen=True)
class Return(Moved):
    """`chosen`: the lines that a person linked it with. `named_line`: "" for any line
    of the named order with the product. `named_order` is None where it names none, or
    one that is not known; `why_not` then says so."""

    chosen: Sequence[Line] = ()
    named_order: int | None = None
    named_line: str = ""
    why_not: Unmatched | None = None

    @property
    def names_order(self) -> bool:
        """Whether it names an order, known or not: then it takes from no other."""
        return self.named_order is not None or self.why_not is not None


class Match(NamedTuple):
    """So much of a returned line belongs to this purchase, and how that is known."""

    returned: Line
    purchase: Line
    quantity: Decimal
    basis: MatchBasis


class Rest(NamedTuple):
    """What of a return found no purchase."""

    returned: Line
    quantity: Decimal
    reason: Unmatched


class _Book:
    """The purchases, what is left of each, and what is still wanted by each return."""

    def __init__(self, returns: Iterable[Return], purchases: Iterable[Moved]) -> None:
        self.returns = sorted(returns, key=lambda one: one.place)
        self.purchases = sorted(purchases, key=lambda one: one.place)
        self.wanted = {one.line: one.quantity for one in self.returns}
        self.matches: dict[tuple[Line, Line], Match] = {}
        self._left = {one.line: one.quantity for one in self.purchases}
        self._of_order: defaultdict[int, list[Moved]] = defaultdict(list)
        self._first: dict[tuple[int, int, str], datetime] = {}
        for one in self.purchases:
            self._of_order[one.line.order].append(one)
            self._first.setdefault(one.what, one.at)

    def take(self, back: Return, line: Line, basis: MatchBasis) -> None:
        """Give back of this purchase what is wanted, at most what is left."""
        taken = min(self.wanted[back.line], self._left.get(line, ZERO))
        if taken <= 0:
            return
        self._left[line] -= taken
        self.wanted[back.line] -= taken
        pair = (back.line, line)
        before = self.matches.get(pair, Match(*pair, ZERO, basis))
        self.matches[pair] = before._replace(quantity=before.quantity + taken)

    def is_used_up(self, line: Line) -> bool:
        return self._left[line] <= 0

    def named_by(self, back: Return) -> list[Line]:
        """The lines of the order that it names, from the first on: the line that it
        names, whatever the product is, or all of its product."""
        if back.named_order is None:
            return []
        return [
            one.line
            for one in self._of_order[back.named_order]
            if (
                one.line.key == back.named_line
                if back.named_line
                else one.what[:2] == back.what[:2]
            )
        ]

    def why_not(self, back: Return) -> Unmatched:
        """Why there is a rest of this return."""
        if back.why_not is not None:
            return back.why_not
        if self.wanted[back.line] < back.quantity:
            return Unmatched.TOO_MANY
        if back.named_order is not None:
            is_there, none = bool(self.named_by(back)), Unmatched.NOT_IN_ORDER
        else:
            first = self._first.get(back.what)
            is_there, none = (
                first is not None and first <= back.at,
                Unmatched.NO_PURCHASE,
            )
        return Unmatched.TOO_MANY if is_there else none


def match(
    returns: Iterable[Return], purchases: Iterable[Moved]
) -> tuple[list[Match], list[Rest]]:
    """The purchases that these returns give back, and what found none.

    Both of the same customers. The quantities of a return's matches and its rest add up
    to its quantity, and no purchase gives more than was bought.
    """
    book = _Book(returns, purchases)
    for back in book.returns:
        for line in back.chosen:
            book.take(back, line, MatchBasis.CHOSEN)
    for back in book.returns:
        for line in book.named_by(back):
            book.take(back, line, MatchBasis.NAMED)
    _take_latest(book)
    rests = [
        Rest(back.line, book.wanted[back.line], book.why_not(back))
        for back in book.returns
        if book.wanted[back.line] > 0
    ]
    return [*book.matches.values()], rests


def _take_latest(book: _Book) -> None:
    """Walk through time with a pile of purchases for each product: a purchase is laid
    upon it, a return takes from its top."""
    piles: defaultdict[tuple[int, int, str], list[Line]] = defaultdict(list)
    unnamed = (one for one in book.returns if not one.names_order)
    # Stable: what came back at the moment of a purchase, such as in one order with it,
    # is after it.
    moves = sorted([*book.purchases, *unnamed], key=lambda one: one.at)
    for moved in moves:
        pile = piles[moved.what]
        if not isinstance(moved, Return):
            pile.append(moved.line)
            continue
        while pile and book.wanted[moved.line] > 0:
            book.take(moved, pile[-1], MatchBasis.LATEST)
            if book.is_used_up(pile[-1]):
                pile.pop()
