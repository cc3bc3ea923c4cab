"""What may be taken along: the tables of an export, declared by the apps.

An app declares its own in `<app>/exports.py` and registers them there:
`register(Dataset(...))`. Autodiscovered when Django starts.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from crm.access import Capability
from crm.models import User

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

__all__ = [
    *("Cell", "Cells", "Dataset", "Filters"),
    *("address_of", "all_datasets", "all_for", "get", "line_each", "register"),
]

Cell = str | int | bool | Decimal | date | datetime | None
# Lines of a file, by the names of their columns.
Cells = Iterable[Mapping[str, Cell]]
# Names and values of a list's query string.
Filters = Mapping[str, str]


def address_of(user: User | None) -> str:
    """A colleague as files name them; empty for none."""
    return user.email if user else ""


def _no_more_columns(rows: "QuerySet[Any]") -> list[str]:
    return []


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """One table of an export.

    `rows` gives the records within the filters, in any order; they are read by rising
    key, a few thousand at a time. `cells` makes the lines of the file of such records,
    by the names in `columns`; what is missing is empty. `takes` names the filters that
    it knows; one named `whose` is always the id of whoever asks. `more_columns` finds
    columns that depend on the records. `split_by`: a field of which each value has a
    file of its own. `needs`: what somebody must be allowed to see on pages, beside the
    right to export. `is_of_a_list`: nothing without the filters of a list, and offered
    there alone. `is_private`: with `whose`, it and its file are for whoever asks alone.
    """

    name: str
    label: "str | StrPromise"
    order: int
    columns: Sequence[str]
    rows: Callable[[Filters], "QuerySet[Any]"]
    cells: Callable[[Sequence[Any]], Cells]
    takes: Callable[[], Collection[str]] = frozenset
    more_columns: Callable[["QuerySet[Any]"], list[str]] = _no_more_columns
    split_by: str = ""
    needs: Collection[Capability] = frozenset()
    is_of_a_list: bool = False
    is_private: bool = False

    def is_for(self, user: User) -> bool:
        """Whether this person may take it along."""
        return all(map(user.can, (Capability.EXPORT_DATA, *self.needs)))

    def narrowed(self, filters: Filters) -> dict[str, str]:
        """Those of the filters that it knows. An empty one may say something: by
        country, of those of whom none is known."""
        known = self.takes()
        return {name: value for name, value in filters.items() if name in known}


_datasets: dict[str, Dataset] = {}


def register(*datasets: Dataset) -> None:
    """Add datasets. Raises ValueError for a name that is taken."""
    for dataset in datasets:
        if dataset.name in _datasets:
            raise ValueError(f"The dataset {dataset.name!r} is declared twice.")
        _datasets[dataset.name] = dataset


def get(name: str) -> Dataset | None:
    """None for one that this version does not know."""
    return _datasets.get(name)


def line_each(
    name: str,
    label: "str | StrPromise",
    order: int,
    *,
    rows: Callable[[Filters], "QuerySet[Any]"],
    columns: Mapping[str, str | Callable[[Any], Cell]],
    **more: Any,
) -> Dataset:
    """A dataset with one line for each record: the names of its columns, and what of
    the record stands there, an attribute ("customer.full_name") or worked out of it.
    `more`: as `Dataset` has it."""
    read = {
        name: attrgetter(of) if isinstance(of, str) else of
        for name, of in columns.items()
    }

    def cells(records: Sequence[Any]) -> Cells:
        for record in records:
            yield {name: of(record) for name, of in read.items()}

    return Dataset(
        name=name,
        label=label,
        order=order,
        columns=tuple(columns),
        rows=rows,
        cells=cells,
        **more,
    )


def all_for(user: User) -> list[Dataset]:
    """Those that this person may take along without a list, in their order."""
    return [
        dataset
        for dataset in all_datasets()
        if dataset.is_for(user) and not dataset.is_of_a_list
    ]


def all_datasets() -> list[Dataset]:
    """In their order."""
    return sorted(_datasets.values(), key=lambda dataset: dataset.order)
