"""What narrows a list of customers: fields of the list's query string, from any app.

An app declares them in `<app>/segment_fields.py` and registers them there:
`register(SegmentField(...))`. Autodiscovered when Django starts. The customer list,
audiences (`crm/audiences.py`) and their sentences take them from here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from psycopg import sql

__all__ = ["Filters", "SegmentField", "all_fields", "filters_of", "register"]

# Name of a field -> its value, as `SegmentField.read` gives it; never an empty one.
Filters = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class SegmentField:
    """One field. Its name stands in stored audiences and is never changed.

    `read` gives a value its normal form, "" where it narrows nothing. `condition` is
    SQL about the customer `c`, on the shop's day that is given: about `c.id` alone, as
    searches have no other column.
    `refuse` returns the code why a value cannot be stored, "" where it can. `words`
    describe it to staff: `is_subject` begins the sentence ("Customers of Noa"), others
    follow after a comma. `is_opinion`: whether the value chooses people by what they
    think of us.
    """

    name: str
    order: int
    read: Callable[[str], str]
    condition: Callable[[str, date], sql.Composable]
    refuse: Callable[[str], str]
    words: Callable[[str], str]
    is_subject: bool = False
    is_opinion: Callable[[str], bool] = lambda value: False
    # The same as a condition of a segment (crm/rules/segment_tree.py), as JSON. None:
    # there is none for this value, and a list narrowed by it cannot become a segment.
    as_condition: Callable[[str], dict[str, object] | None] = lambda value: None


_fields: dict[str, SegmentField] = {}


def register(*fields: SegmentField) -> None:
    """Add fields. Raises ValueError for a name that is taken."""
    for field in fields:
        if field.name in _fields or field.name == "q":
            raise ValueError(f"The segment field {field.name!r} is declared twice.")
        _fields[field.name] = field


def all_fields() -> Sequence[SegmentField]:
    """In their order, which is the order in a stored query string."""
    return sorted(_fields.values(), key=lambda field: (field.order, field.name))


def filters_of(wanted: Mapping[str, str]) -> dict[str, str]:
    """What a query string asks of the fields."""
    values = {
        field.name: field.read(wanted.get(field.name, "").strip())
        for field in all_fields()
    }
    return {name: value for name, value in values.items() if value}
