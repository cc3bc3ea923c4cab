"""What the builder of segments sends: the tree of a POST, and what a press changes.

How inputs are named: `crm/forms/segments.py`.
"""

from typing import Any, Protocol

from crm import condition_fields
from crm.condition_fields import ConditionField, Kind
from crm.rules.segment_tree import (
    ALONE,
    MOST_CONDITIONS,
    MOST_DEPTH,
    WITH_PERIOD,
    Is,
    Match,
    Unit,
)
from web.rules.numbers import whole_number

Raw = dict[str, Any]


class Sent(Protocol):
    """What of a POST is read."""

    def get(self, name: str, /) -> str | None: ...
    def getlist(self, name: str, /) -> list[str]: ...
    def __contains__(self, name: object, /) -> bool: ...


def new_condition() -> Raw:
    """What a new row asks at first."""
    return {"field": "country", "is": Is.ANY_OF.value}


def new_group() -> Raw:
    """A group with one empty condition, where any of its parts is enough."""
    return {"match": Match.ANY.value, "parts": [new_condition()]}


def sent_tree(data: Sent) -> Raw:
    """The tree of a POST, as far as it goes: what is missing is left out."""
    return _sent_group(data, "", depth=1)


def _sent_group(data: Sent, path: str, *, depth: int) -> Raw:
    prefix = f"{path}." if path else ""
    parts: list[Raw] = []
    for at in range(MOST_CONDITIONS + 1):
        inner = f"{prefix}{at}"
        if f"{inner}.match" in data and depth < MOST_DEPTH:
            parts.append(_sent_group(data, inner, depth=depth + 1))
        elif f"{inner}.field" in data:
            parts.append(_sent_condition(data, inner))
        else:
            break
    match = data.get(f"{prefix}match") or ""
    known = {one.value for one in Match}
    return {"match": match if match in known else Match.ALL.value, "parts": parts}


def _sent_condition(data: Sent, path: str) -> Raw:
    name = data.get(f"{path}.field") or ""
    found = condition_fields.get(name)
    if found is None:
        return new_condition()
    is_ = data.get(f"{path}.is") or ""
    if is_ not in {one.value for one in found.asks}:
        is_ = found.asks[0].value
    raw: Raw = {"field": name, "is": is_}
    values = _sent_values(data, path, found)
    if values and Is(is_) not in ALONE | WITH_PERIOD:
        raw["values"] = values
    if Is(is_) in WITH_PERIOD:
        raw["period"] = _sent_period(data, f"{path}.period")
    if found.takes_within and (data.get(f"{path}.within.count") or "").strip():
        raw["within"] = _sent_period(data, f"{path}.within")
    if found.kind is Kind.MONEY and Is(is_) not in ALONE:
        raw["currency"] = data.get(f"{path}.currency") or ""
    return raw


def _sent_values(data: Sent, path: str, found: ConditionField) -> list[str]:
    given = [value.strip() for value in data.getlist(f"{path}.values")]
    if found.kind is not Kind.CHOICE:
        given = given[:1]
    # Another field has other values: what it does not know was of the one before.
    known = found.named(given) if found.has_choices else given
    return [one for one in given if one and one in known]


def _sent_period(data: Sent, path: str) -> Raw:
    count = whole_number((data.get(f"{path}.count") or "").strip())
    unit = data.get(f"{path}.unit") or ""
    units = {one.value for one in Unit}
    return {
        "count": count or 0,
        "unit": unit if unit in units else Unit.DAYS.value,
    }


def changed(tree: Raw, do: str) -> Raw:
    """The tree after a press ("add:1", "group:", "remove:1.0"), else as it is."""
    what, _colon, path = do.partition(":")
    if what in ("add", "group"):
        group = _part(tree, path) if path else tree
        if group is not None and "parts" in group:
            group["parts"].append(new_condition() if what == "add" else new_group())
    elif what == "remove" and path:
        above, _dot, last = path.rpartition(".")
        group = _part(tree, above) if above else tree
        place = whole_number(last)
        if group is not None and place is not None and place < len(group["parts"]):
            del group["parts"][place]
    return tree


def _part(tree: Raw, path: str) -> Raw | None:
    part: Raw = tree
    for step in path.split("."):
        parts = part.get("parts", [])
        place = whole_number(step)
        if place is None or place >= len(parts):
            return None
        part = parts[place]
    return part
