"""Where the parts of all apps are kept, and who sees which."""

from dataclasses import dataclass
from typing import Any, TypeVar

from crm.access import Capability
from crm.request_context import RequestContext


@dataclass(frozen=True, kw_only=True)
class Part:
    """What every part has: a name of its own, its place among its like, who sees it.

    `capability` None: everybody who may open the page.
    """

    name: str
    order: int
    capability: Capability | None = None


_T = TypeVar("_T", bound=Part)
# Of each type, in their order: a page asks for a dozen types.
_parts: dict[type[Part], list[Any]] = {}


def register(*parts: Part) -> None:
    """Add these. Of one type, no two share a name or a place."""
    for part in parts:
        for other in parts_of(type(part)):
            if part.name == other.name or part.order == other.order:
                raise ValueError(f"{part!r} stands in the place of {other!r}.")
        found = [*parts_of(type(part)), part]
        _parts[type(part)] = sorted(found, key=lambda each: each.order)


def parts_of(part_type: type[_T]) -> list[_T]:
    """All of this type, in their order."""
    return list(_parts.get(part_type, ()))


def parts_for(part_type: type[_T], context: RequestContext) -> list[_T]:
    """Those of this type that this person may see, in their order."""
    return [
        part
        for part in parts_of(part_type)
        if part.capability is None or context.can(part.capability)
    ]
