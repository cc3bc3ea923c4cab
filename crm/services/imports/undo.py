"""One undo of an import under way, as its steps know it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, models
from psycopg.sql import Composable

from crm.models import ImportedRow, ImportRun
from crm.rules.choices import ImportedThing

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

CHANGED = "changed"
USED = "used"


@dataclass
class Undo:
    """One undo under way. `counts`: removed, restored; what is kept is marked."""

    run: ImportRun
    now: datetime
    counts: dict[str, int] = field(default_factory=dict)

    def execute(self, statement: Composable, ids: Collection[int]) -> list[Any]:
        """The rows of its answer, where it has one."""
        values: dict[str, Any] = {
            "run": self.run.pk,
            "ids": list(ids),
            "now": self.now,
        }
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall()) if cursor.description else []

    def count(self, what: str, number: int) -> None:
        """Count so many things of this kind."""
        if number:
            self.counts[what] = self.counts.get(what, 0) + number

    def rows(self, what: ImportedThing) -> "models.QuerySet[ImportedRow]":
        """What the run made or changed of this kind."""
        return ImportedRow.objects.filter(run=self.run, what=what.value)

    def with_before(self, what: ImportedThing, ids: Sequence[int]) -> list[int]:
        """Those of them that were there before the run."""
        rows = self.rows(what).filter(row_id__in=ids, before__isnull=False)
        return list(rows.values_list("row_id", flat=True))

    def keep(self, what: ImportedThing, ids: Iterable[int], reason: str) -> None:
        """Note that these stay, and why."""
        self.rows(what).filter(row_id__in=list(ids), kept="").update(kept=reason)


Step = Callable[[Undo, Sequence[int]], None]
# By id: its number and its name, as the list of what was kept has them.
Names = Callable[[list[int]], dict[int, tuple[str, str]]]


@dataclass(frozen=True, kw_only=True)
class UndoPart:
    """How an undo takes back the rows of another app, before it comes to those of crm.
    Its loader puts what it makes into `import_touched`. `reasons`: why some is kept, by
    the codes that its step uses."""

    what: ImportedThing
    step: Step
    named: Names
    reasons: "Mapping[str, StrPromise]"


def columns_of(model: type[models.Model]) -> list[str]:
    """All but its key."""
    return [
        each.attname for each in model._meta.concrete_fields if not each.primary_key
    ]


def used_elsewhere(
    model: type[models.Model],
    ids: Collection[int],
    *,
    but: Collection[type[models.Model]],
) -> set[int]:
    """Those of them that rows of other tables name."""
    used: set[int] = set()
    # Also those without a name for the way back, which an invitation's order is.
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ForeignObjectRel):
            continue
        if relation.many_to_many or relation.related_model in but:
            continue
        name = relation.field.attname
        rows = relation.related_model._default_manager.filter(**{f"{name}__in": ids})
        used |= set(rows.order_by().values_list(name, flat=True))
    return used
