"""What the conditions of a segment may ask about, from any app.

An app declares them in `<app>/segment_fields.py`, beside the fields of the customer
list, and registers them there: `register(ConditionField(...))`. The builder, the
sentence that a segment means and its SQL take them from here.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, auto
from typing import TYPE_CHECKING

from psycopg import sql

from crm.rules.segment_tree import ALONE, WITH_PERIOD, Condition, Is
from web.errors import InvalidValue
from web.rules import money

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

__all__ = [
    "Asked",
    "ConditionField",
    "FieldSource",
    "Kind",
    "LookUp",
    "all_fields",
    "check",
    "get",
    "register",
    "register_source",
]


class Kind(Enum):
    """What a field holds; it decides what can be asked of it."""

    NUMBER = auto()
    MONEY = auto()  # an amount, in the currency of the condition
    DAY = auto()
    CHOICE = auto()
    TEXT = auto()
    FLAG = auto()


_OPERATORS = {
    Kind.NUMBER: (Is.AT_LEAST, Is.AT_MOST),
    Kind.MONEY: (Is.AT_LEAST, Is.AT_MOST),
    Kind.DAY: (
        Is.IN_LAST,
        Is.NOT_IN_LAST,
        Is.ON_OR_AFTER,
        Is.BEFORE,
        Is.KNOWN,
        Is.UNKNOWN,
    ),
    Kind.CHOICE: (Is.ANY_OF, Is.NONE_OF),
    Kind.TEXT: (Is.CONTAINS, Is.KNOWN, Is.UNKNOWN),
    Kind.FLAG: (Is.YES, Is.NO),
}


@dataclass(frozen=True)
class Asked:
    """A condition, and the shop's day on which it is asked."""

    condition: Condition
    today: date

    @property
    def number(self) -> Decimal:
        """The value of a number or an amount."""
        return Decimal(self.condition.values[0])

    @property
    def since(self) -> date | None:
        """The first day of `within`; None: all of the time."""
        within = self.condition.within
        return None if within is None else within.before(self.today)


@dataclass(frozen=True)
class LookUp:
    """Choices that may be as many as a table has rows, so that it is never read whole.

    `named`: those of these values that there are, each with its words. `search`: those
    with a text in their words, at most so many, in their order; "" finds all.
    """

    named: Callable[[Collection[str]], Mapping[str, str]]
    search: Callable[[str, int], Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class ConditionField:
    """One field. Its name stands in stored segments and is never changed.

    `where` is SQL about the customer `c`, true for those who are meant; what is null
    counts as false. `choices`: what may be chosen, each with its words, or `look_up`
    where they may be many; neither where any text may be given. `takes_within`: what
    it counts can be narrowed to the last days. `is_opinion`: it tells what somebody
    thinks of us, so that a request for reviews must not choose by it.
    """

    name: str
    label: "str | StrPromise"
    section: "str | StrPromise"
    kind: Kind
    where: Callable[[Asked], sql.Composable]
    operators: tuple[Is, ...] = ()
    choices: Callable[[], Mapping[str, str]] | None = None
    look_up: LookUp | None = None
    takes_within: bool = False
    is_opinion: bool = False
    order: int = 100
    # Of a number: what it may be at least, and how many decimal places it may have.
    least: Decimal | None = Decimal(0)
    places: int = 4
    # Of money: also in one that nobody ordered in.
    any_currency: bool = False

    @property
    def asks(self) -> tuple[Is, ...]:
        """The operators that it knows."""
        return self.operators or _OPERATORS[self.kind]

    @property
    def has_choices(self) -> bool:
        return self.choices is not None or self.look_up is not None

    def named(self, values: Collection[str]) -> Mapping[str, str]:
        """Those of these values that may be chosen, each with its words."""
        if self.look_up is not None:
            return self.look_up.named(values)
        choices = self.choices() if self.choices is not None else {}
        return {value: choices[value] for value in values if value in choices}

    def search(self, text: str, most: int) -> Mapping[str, str]:
        """At most so many that may be chosen and have this text in their words."""
        if self.look_up is not None:
            return self.look_up.search(text, most)
        choices = self.choices() if self.choices is not None else {}
        by_words = sorted(choices.items(), key=lambda item: str(item[1]))
        found = [one for one in by_words if text.casefold() in str(one[1]).casefold()]
        return dict(found[:most])


@dataclass(frozen=True)
class FieldSource:
    """Fields that are rows of a table, such as those that staff make. Their names begin
    with `prefix`; both functions read the database each time."""

    prefix: str
    find: Callable[[str], ConditionField | None]
    offered: Callable[[], Sequence[ConditionField]]


_fields: dict[str, ConditionField] = {}
_sources: list[FieldSource] = []


def register(*fields: ConditionField) -> None:
    """Add conditions. Raises ValueError for a name that is taken."""
    for field in fields:
        if field.name in _fields:
            raise ValueError(f"The condition {field.name!r} is declared twice.")
        _fields[field.name] = field


def register_source(source: FieldSource) -> None:
    """Add fields that are rows of a table."""
    _sources.append(source)


def get(name: str) -> ConditionField | None:
    """None for a field that this version does not know."""
    for source in _sources:
        if name.startswith(source.prefix):
            return source.find(name)
    return _fields.get(name)


def all_fields() -> Sequence[ConditionField]:
    """In the order of the builder."""
    rows = (field for source in _sources for field in source.offered())
    return sorted(
        [*_fields.values(), *rows], key=lambda field: (field.order, field.name)
    )


def check(condition: Condition) -> None:
    """Raise InvalidValue where the condition asks what its field cannot answer."""
    field = get(condition.field)
    if field is None:
        raise _refused("unknown_condition")
    if condition.is_ not in field.asks:
        raise _refused("unknown_operator")
    if (condition.is_ in WITH_PERIOD) != (condition.period is not None):
        raise _refused("period_missing")
    if condition.within is not None and not field.takes_within:
        raise _refused("unknown_operator")
    needs_currency = field.kind is Kind.MONEY and condition.is_ not in ALONE
    if bool(condition.currency) != needs_currency:
        raise _refused("currency_unknown")
    if needs_currency:
        money.valid_currency(condition.currency, field="conditions")
    _check_values(field, condition)


def _check_values(field: ConditionField, condition: Condition) -> None:
    values = condition.values
    if condition.is_ in ALONE or condition.is_ in WITH_PERIOD:
        if values:
            raise _refused("too_many_values")
        return
    if not values or any(not value.strip() for value in values):
        raise _refused("value_missing")
    if field.kind is not Kind.CHOICE and len(values) > 1:
        raise _refused("too_many_values")
    if field.kind in (Kind.NUMBER, Kind.MONEY):
        money.parse_decimal(
            values[0],
            field="conditions",
            digits=14,
            places=field.places,
            least=field.least,
        )
    if field.kind is Kind.DAY:
        _check_day(values[0])
    if field.has_choices and set(values) - field.named(values).keys():
        raise _refused("unknown_choice")


def _check_day(text: str) -> None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _refused("date_invalid") from None
    if day.isoformat() != text:
        raise _refused("date_invalid")


def _refused(code: str) -> InvalidValue:
    return InvalidValue(fields={"conditions": code})
