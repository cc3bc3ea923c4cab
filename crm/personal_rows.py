"""What an app must say about its rows that belong to a customer.

An app declares them in `<app>/personal_data.py` and registers them there:
`register(PersonalRows(...))`. Autodiscovered when Django starts, so in the order of
INSTALLED_APPS. `crm/services/personal_data.py` exports, erases and merges by these
declarations; a test fails for a foreign key to customers, or a column of text, that
none of them names.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, cast

from django.db import models
from django.db.models import F, Q

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

__all__ = [
    "Merge",
    "Merged",
    "PersonalRows",
    "Steps",
    "all_rows",
    "all_steps",
    "register",
]


class Merged(Enum):
    """What becomes of the rows of a record that is merged into another.

    Rows that move are noted and go back when the merge is undone.
    """

    MOVE = auto()  # they belong to the kept record from then on
    DELETE = auto()  # worked out again, after a merge and after its undo
    STAY = auto()  # append-only, or they hang on a row that moves


@dataclass(frozen=True, kw_only=True)
class PersonalRows:
    """The rows of one model that are about a customer.

    Erasure deletes them (`deleted`) or sets the columns of `blanked`. A column of text
    that is neither stands in `kept`, with the reason beside it.
    """

    # Names them in the export.
    name: str
    model: type[models.Model]
    # The lookup that leads from a row to the id of its customer.
    customer: str = "customer_id"

    # The export: lookup of a value -> its label. Empty: working data with nothing
    # about the person, or hashes.
    label: "str | StrPromise" = ""
    exported: Mapping[str, "str | StrPromise"] = field(default_factory=dict)

    deleted: bool = False
    blanked: Mapping[str, Any] = field(default_factory=dict)
    kept: Collection[str] = ()

    # Rows that say nothing yet: they go with a record whose import is undone. Any other
    # row keeps the record, but those that are worked out again anyway (Merged.DELETE).
    unused: Q | None = None

    merged: Merged = Merged.MOVE
    # Columns that are unique together with the customer. Of a row that the kept record
    # has already, the `renamed` column gets the end "~merge-<id>"; without one it stays
    # with the dropped record, where the export and the erasure of the person find it.
    once: Sequence[str] = ()
    renamed: str = ""
    # The state in which a row takes part in no such uniqueness.
    unless_state: str = ""
    # The foreign key to the row whose customer this one repeats: after an undo it is
    # where that row is, also if it was made in between.
    follows: str = ""
    # The column with the hash of an address. What was written to the dropped record's
    # address in between is the dropped record's after an undo.
    address: str = ""

    def column(self, name: str) -> "models.Field[Any, Any]":
        """The model field of this name."""
        return cast("models.Field[Any, Any]", self.model._meta.get_field(name))

    def of(self, ids: Collection[int]) -> "models.QuerySet[Any, Any]":
        """Their rows of these customers."""
        rows = self.model._default_manager.filter(**{f"{self.customer}__in": ids})
        return rows.order_by("pk")

    def values(self, ids: Collection[int]) -> list[dict[str, Any]]:
        """What the export contains of them, a dictionary for each row."""
        columns = {
            lookup.replace("__", "_"): F(lookup)
            for lookup in self.exported
            if "__" in lookup
        }
        plain = [lookup for lookup in self.exported if "__" not in lookup]
        return list(self.of(ids).values(*plain, **columns))


@dataclass(frozen=True)
class Merge:
    """Two records that are one person: `dropped` becomes a pointer to `kept`.

    For the steps of an undo, the same two records, which become two persons again.
    `id` is that of the CustomerMerge; crm/services/merge_notes.py notes under it what a
    step changes by itself.
    """

    id: int
    kept: int
    dropped: int
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Steps:
    """What an app does besides, in the transaction of the whole.

    `before_erasure` is called with the ids of the person's records while everything is
    still there; `before_merge` while both records still have their own rows;
    `before_undo` while the kept record still has the rows of both; `after_undo` when
    each has its own again.
    """

    before_erasure: Callable[[Collection[int], datetime], None] | None = None
    before_merge: Callable[[Merge], None] | None = None
    before_undo: Callable[[Merge], None] | None = None
    after_undo: Callable[[Merge], None] | None = None


_rows: list[PersonalRows] = []
_steps: list[Steps] = []


def register(*declared: PersonalRows | Steps) -> None:
    """Add rows or steps. Raises ValueError for a name of rows that is taken."""
    for each in declared:
        if isinstance(each, Steps):
            _steps.append(each)
        elif any(each.name == other.name for other in _rows):
            raise ValueError(f"The rows {each.name!r} are declared twice.")
        else:
            _rows.append(each)


def all_rows() -> Sequence[PersonalRows]:
    """In the order in which they were registered: crm's first."""
    return tuple(_rows)


def all_steps() -> Sequence[Steps]:
    """The steps before erasure and merging, in order of registration."""
    return tuple(_steps)
