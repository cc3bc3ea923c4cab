"""Data that is deleted after a time, declared by the apps.

An app declares its own in `<app>/retention.py` and registers them there:
`register(Retention(...))`. Autodiscovered when Django starts. The page of the settings
and the hourly purge read them from here (`crm/services/retention.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

__all__ = ["Fixed", "Retention", "all_fixed", "all_settable", "older", "register"]


@dataclass(frozen=True, kw_only=True)
class Retention:
    """One kind of data that is deleted when it is older than an owner says.

    `setting`: the column of Business with the number of days. `count` tells how many
    there are older than a moment, `delete` deletes these and tells how many; both in
    `unit`s, so that what the page announces is what goes.
    """

    setting: str
    order: int
    label: "str | StrPromise"
    holds: "str | StrPromise"
    unit: "str | StrPromise"
    count: Callable[[datetime], int]
    delete: Callable[[datetime], int]


@dataclass(frozen=True, kw_only=True)
class Fixed:
    """One kind of data with a fixed time: `how_long` says it.

    `delete` takes the moment of the purge.
    """

    name: str
    order: int
    label: "str | StrPromise"
    how_long: "str | StrPromise"
    delete: Callable[[datetime], int]


_settable: dict[str, Retention] = {}
_fixed: dict[str, Fixed] = {}


def register(*kinds: Retention | Fixed) -> None:
    """Add data that are forgotten. Raises ValueError for a name that is taken."""
    for kind in kinds:
        if isinstance(kind, Retention):
            _add(_settable, kind.setting, kind)
        else:
            _add(_fixed, kind.name, kind)


def all_settable() -> list[Retention]:
    """In their order."""
    return sorted(_settable.values(), key=lambda kind: kind.order)


def all_fixed() -> list[Fixed]:
    """In their order."""
    return sorted(_fixed.values(), key=lambda kind: kind.order)


def older(model: type[models.Model], column: str) -> Callable[[datetime], int]:
    """A `count` of the rows whose `column` is before the moment."""
    rows = model._default_manager
    return lambda before: rows.filter(**{f"{column}__lt": before}).count()


def _add(kinds: dict[str, Any], name: str, kind: Any) -> None:
    if name in kinds:
        raise ValueError(f"What is kept of {name!r} is declared twice.")
    kinds[name] = kind
