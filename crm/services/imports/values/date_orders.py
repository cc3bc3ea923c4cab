"""In which order the dates of a column are written, as far as its cells tell."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from crm.services.imports.values.date_forms import ORDERS, possible_days


@dataclass(frozen=True)
class DateOrder:
    """What the cells of a column tell about the order of their dates."""

    order: str = ""  # dmy, mdy or ymd; empty: no cell tells, or two contradict
    proof: str = ""  # a cell that can be read in this order alone
    against: str = ""  # one that can be read in another order alone
    ambiguous: int = 0  # cells that are two days until the order is chosen
    example: str = ""  # one of those
    fitting: tuple[str, ...] = ()  # orders in which every date of the column is a day


class DateCounts:
    """Gathers the cells that can be read in one order alone."""

    def __init__(self) -> None:
        self.proofs: dict[str, str] = {}
        self.fitting = set(ORDERS)

    def add(self, cell: str) -> Mapping[str, date]:
        """Count a cell; its day by each order of day and month that it may be in."""
        days = possible_days(cell)
        # Few write a year of two digits first: 13/05/26 is likely the day first.
        usual = [order for order in days if order != "ymd"] or [*days]
        if len(usual) == 1:
            self.proofs.setdefault(usual[0], cell)
        if days:
            self.fitting &= days.keys()
        return days

    @property
    def settled(self) -> tuple[str, str]:
        """The order and its proof; empty where no cell tells, or two contradict.

        98-12-31 is read in one order alone, and 21-03-05 is usual in another: the one
        in which both are days.
        """
        proofs = self.proofs
        if len(proofs) > 1:
            proofs = {one: cell for one, cell in proofs.items() if one in self.fitting}
        return next(iter(proofs.items())) if len(proofs) == 1 else ("", "")


def date_order_of(cells: Iterable[str]) -> DateOrder:
    """Look for cells that settle the order of a whole column."""
    counts, ambiguous, example = DateCounts(), 0, ""
    for cell in cells:
        if len(set(counts.add(cell).values())) > 1:
            ambiguous += 1
            example = example or cell
    order, _ = counts.settled
    others = [cell for one, cell in counts.proofs.items() if one != order]
    proof, against = [*([counts.proofs[order]] if order else []), *others, "", ""][:2]
    fitting = tuple(one for one in ORDERS if one in counts.fitting)
    return DateOrder(order, proof, against, ambiguous, example, fitting)
