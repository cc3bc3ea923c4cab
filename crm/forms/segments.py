"""The builder of segments: conditions as a page edits them, half done or whole.

Each part has a path: "0" and "1" are the first two of the whole, "1.0" the first in the
group at "1". Names of inputs begin with it ("1.0.field"), so that a page without
scripts sends the whole tree with every press.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.utils.translation import gettext as _

from crm import condition_fields
from crm.condition_fields import ConditionField, Kind
from crm.rules import segment_tree
from crm.rules.segment_tree import (
    ALONE,
    MOST_CONDITIONS,
    MOST_DEPTH,
    WITH_PERIOD,
    Is,
    Match,
    Unit,
)
from crm.segment_words import operator_words
from web.error_messages import for_field
from web.errors import InvalidValue
from web.rules.money import CURRENCIES

# More are not shown as boxes to tick: they are looked for by name, some at a time, and
# counted so far. No more are ever read.
MOST_BOXES = 400
MOST_FOUND, MOST_COUNTED = 20, 400
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
    return {"match": Match.ANY.value, "parts": [new_condition()]}


# --- What was sent -------------------------------------------------------------------


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
    count = (data.get(f"{path}.count") or "").strip()
    unit = data.get(f"{path}.unit") or ""
    units = {one.value for one in Unit}
    return {
        "count": int(count) if count.isascii() and count.isdecimal() else 0,
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
        if group is not None and last.isdecimal() and int(last) < len(group["parts"]):
            del group["parts"][int(last)]
    return tree


def _part(tree: Raw, path: str) -> Raw | None:
    part: Raw = tree
    for step in path.split("."):
        parts = part.get("parts", [])
        if not step.isdecimal() or int(step) >= len(parts):
            return None
        part = parts[int(step)]
    return part


# --- What is shown -------------------------------------------------------------------


@dataclass
class Option:
    value: str
    label: str
    is_chosen: bool


@dataclass
class Row:
    """One condition as the page shows it."""

    path: str
    fields: list[tuple[str, list[Option]]]
    operators: list[Option]
    kind: str
    values: list[str]
    choices: list[Option] = field(default_factory=list)
    # There are too many to show: `find` is what was typed, `more` how many have it in
    # their name and are not shown, or `are_many` where they are not counted.
    is_searched: bool = False
    find: str = ""
    more: int = 0
    are_many: bool = False
    period: Raw | None = None
    units: list[Option] = field(default_factory=list)
    takes_within: bool = False
    within: Raw = field(default_factory=dict)
    within_units: list[Option] = field(default_factory=list)
    currencies: list[Option] = field(default_factory=list)
    error: str = ""
    is_group = False


@dataclass
class GroupRow:
    """A group as the page shows it; `path` empty: the whole."""

    path: str
    matches: list[Option]
    parts: "list[Row | GroupRow]"
    may_nest: bool
    is_group = True

    @property
    def prefix(self) -> str:
        return f"{self.path}." if self.path else ""

    @property
    def is_whole(self) -> bool:
        """Every condition can be asked as it stands."""
        return bool(self.parts) and all(
            part.is_whole if isinstance(part, GroupRow) else not part.error
            for part in self.parts
        )


@dataclass(frozen=True)
class Around:
    """What the rows need besides the tree: the currencies of the shop, and what was
    sent, for what was typed to find a choice."""

    currencies: list[str]
    sent: Sent


def shown(tree: Raw, around: Around) -> GroupRow:
    """The rows of the builder; each condition that cannot be asked says why."""
    return _shown_group(tree, "", around, depth=1)


def _shown_group(tree: Raw, path: str, around: Around, *, depth: int) -> GroupRow:
    prefix = f"{path}." if path else ""
    parts: list[Row | GroupRow] = []
    for at, part in enumerate(tree["parts"]):
        inner = f"{prefix}{at}"
        if "match" in part:
            parts.append(_shown_group(part, inner, around, depth=depth + 1))
        else:
            parts.append(_shown_row(part, inner, around))
    words = {Match.ALL: _("all of"), Match.ANY: _("any of"), Match.NONE: _("none of")}
    matches = [
        Option(one.value, said, one.value == tree["match"])
        for one, said in words.items()
    ]
    return GroupRow(path, matches, parts, may_nest=depth < MOST_DEPTH)


def _shown_row(raw: Raw, path: str, around: Around) -> Row:
    found = condition_fields.get(raw["field"])
    if found is None:
        raw = new_condition()
        found = condition_fields.all_fields()[0]
    row = Row(
        path=path,
        fields=list(_fields(found)),
        operators=[
            Option(one.value, operator_words(one), one.value == raw["is"])
            for one in found.asks
        ],
        kind=found.kind.name.lower(),
        values=list(raw.get("values", [])),
        takes_within=found.takes_within,
        within=dict(raw.get("within", {})),
        within_units=_units(raw.get("within", {"unit": Unit.MONTHS.value})),
        error=_error(raw),
    )
    if "period" in raw or Is(raw["is"]) in WITH_PERIOD:
        row.period = dict(raw.get("period", {}))
        row.units = _units(row.period)
    if Is(raw["is"]) in ALONE | WITH_PERIOD:
        row.kind = "alone"
    elif found.kind is Kind.MONEY:
        row.currencies = _currencies(raw, found, around.currencies)
    elif found.kind is Kind.CHOICE and found.has_choices:
        row.find = (around.sent.get(f"{path}.find") or "").strip()
        _offer(row, found)
    return row


def _currencies(raw: Raw, found: ConditionField, money: list[str]) -> list[Option]:
    chosen = raw.get("currency") or (money[0] if money else "")
    offered = dict.fromkeys([*money, *filter(None, [chosen])])
    if found.any_currency:
        offered |= dict.fromkeys(sorted(CURRENCIES))
    return [Option(one, one, one == chosen) for one in offered]


def _offer(row: Row, field: ConditionField) -> None:
    """All of them; where they are too many, the chosen ones and some of those that are
    looked for."""
    offered = field.search("", MOST_BOXES + 1)
    row.is_searched = len(offered) > MOST_BOXES
    if not row.is_searched:
        by_words = sorted(offered.items(), key=lambda item: str(item[1]))
        row.choices = _options(row, by_words)
        return
    chosen = field.named(row.values)
    found = field.search(row.find, MOST_COUNTED + 1) if row.find else {}
    others = [one for one in found.items() if one[0] not in chosen]
    row.more = max(0, len(others) - MOST_FOUND)
    row.are_many = len(found) > MOST_COUNTED
    row.choices = _options(row, [*chosen.items(), *others[:MOST_FOUND]])


def _options(row: Row, items: Iterable[tuple[str, str]]) -> list[Option]:
    return [Option(value, str(label), value in row.values) for value, label in items]


def _fields(chosen: ConditionField) -> Iterator[tuple[str, list[Option]]]:
    sections: dict[str, list[Option]] = {}
    for one in condition_fields.all_fields():
        option = Option(one.name, str(one.label), one.name == chosen.name)
        sections.setdefault(str(one.section), []).append(option)
    yield from sections.items()


def _units(period: Raw) -> list[Option]:
    words = {
        Unit.DAYS: _("days"),
        Unit.WEEKS: _("weeks"),
        Unit.MONTHS: _("months"),
        Unit.YEARS: _("years"),
    }
    return [
        Option(one.value, said, one.value == period.get("unit"))
        for one, said in words.items()
    ]


def _error(raw: Raw) -> str:
    try:
        group = segment_tree.read({"match": "all", "parts": [raw]})
        for condition in group.conditions():
            condition_fields.check(condition)
    except InvalidValue as error:
        return str(for_field("conditions", next(iter(error.fields.values()))))
    return ""
