"""The builder of segments: conditions as a page edits them, half done or whole.

Each part has a path: "0" and "1" are the first two of the whole, "1.0" the first in the
group at "1". Names of inputs begin with it ("1.0.field"), so that a page without
scripts sends the whole tree with every press.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from crm import condition_fields
from crm.condition_fields import ConditionField, Kind
from crm.forms.sent_segments import Raw, Sent, new_condition
from crm.rules import segment_tree
from crm.rules.segment_tree import (
    ALONE,
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


@dataclass
class Option:
    """One choice of a field of a condition."""

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
