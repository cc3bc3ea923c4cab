"""Conditions about the fields that staff made, and the filter of the list by them.

Their names hold the number of the field ("custom.7"), so that neither a new label nor
an archived field changes what a stored segment means.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg import sql

from crm import custom_facts
from crm.condition_fields import Asked, ConditionField, FieldSource, Kind
from crm.models import CustomField
from crm.rules.choices import CustomKind
from crm.rules.custom_values import PLACES
from crm.rules.segment_tree import Is
from crm.segments import SegmentField
from crm.sql import conditions as shapes
from crm.sql.custom_fields import has_value
from web.rules.numbers import whole_number

SECTION = gettext_lazy("Fields of customers")
PREFIX = "custom."
_ORDER = 25
_KNOWING = (Is.KNOWN, Is.UNKNOWN)
_Where = Callable[[sql.Composable, Asked], sql.Composable]


def _text(value: sql.Composable, asked: Asked) -> sql.Composable:
    return shapes.text_of(sql.SQL("coalesce({} #>> '{{}}', '')").format(value), asked)


def _number(value: sql.Composable, asked: Asked) -> sql.Composable:
    number = sql.SQL("({} #>> '{{}}')::numeric").format(value)
    return shapes.compared(number, asked)


def _money(value: sql.Composable, asked: Asked) -> sql.Composable:
    """Currencies are never compared: an amount of another one is none."""
    amount = sql.SQL("({} ->> 'amount')::numeric").format(value)
    return sql.SQL("({v} ->> 'currency' = {currency} AND {compared})").format(
        v=value,
        currency=sql.Literal(asked.condition.currency),
        compared=shapes.compared(amount, asked),
    )


def _day(value: sql.Composable, asked: Asked) -> sql.Composable:
    return shapes.compared(sql.SQL("({} #>> '{{}}')::date").format(value), asked)


def _choice(value: sql.Composable, asked: Asked) -> sql.Composable:
    return shapes.chosen(sql.SQL("({} #>> '{{}}')").format(value), asked)


def _choices(value: sql.Composable, asked: Asked) -> sql.Composable:
    """Any of the chosen ones is among theirs, or none is."""
    has_any = sql.SQL("({v} ?| {values}::text[])").format(
        v=value, values=sql.Literal(list(asked.condition.values))
    )
    if asked.condition.is_ is Is.ANY_OF:
        return has_any
    return sql.SQL("({} IS NOT TRUE)").format(has_any)


def _flag(value: sql.Composable, asked: Asked) -> sql.Composable:
    """What is not known is neither yes nor no."""
    said = "true" if asked.condition.is_ is Is.YES else "false"
    return sql.SQL("({v} = {said}::jsonb)").format(v=value, said=sql.Literal(said))


_DAYS = (Is.IN_LAST, Is.NOT_IN_LAST, Is.IN_NEXT, Is.ON_OR_AFTER, Is.BEFORE)
_ASKED: Mapping[CustomKind, tuple[Kind, tuple[Is, ...], _Where]] = {
    CustomKind.TEXT: (Kind.TEXT, (Is.CONTAINS,), _text),
    CustomKind.LINK: (Kind.TEXT, (Is.CONTAINS,), _text),
    CustomKind.NUMBER: (Kind.NUMBER, (Is.AT_LEAST, Is.AT_MOST), _number),
    CustomKind.MONEY: (Kind.MONEY, (Is.AT_LEAST, Is.AT_MOST), _money),
    CustomKind.DATE: (Kind.DAY, _DAYS, _day),
    CustomKind.CHOICE: (Kind.CHOICE, (Is.ANY_OF, Is.NONE_OF), _choice),
    CustomKind.CHOICES: (Kind.CHOICE, (Is.ANY_OF, Is.NONE_OF), _choices),
    CustomKind.YES_NO: (Kind.FLAG, (Is.YES, Is.NO), _flag),
}


def condition_of(field: CustomField) -> ConditionField:
    """What a segment may ask of the field."""
    kind, asks, where = _ASKED[field.custom_kind]
    known = field.definition
    return ConditionField(
        name=f"{PREFIX}{field.pk}",
        order=_ORDER,
        label=field.label,
        section=SECTION,
        kind=kind,
        where=lambda asked: _where(field.key, where, asked),
        operators=(*asks, *_KNOWING),
        choices=(lambda: known.choices) if kind is Kind.CHOICE else None,
        least=None,
        places=PLACES,
        any_currency=True,
    )


def _where(key: str, where: _Where, asked: Asked) -> sql.Composable:
    if asked.condition.is_ is Is.KNOWN:
        return sql.SQL("({})").format(has_value(key))
    if asked.condition.is_ is Is.UNKNOWN:
        return sql.SQL("(NOT {})").format(has_value(key))
    return where(sql.SQL("(c.custom -> {})").format(sql.Literal(key)), asked)


def _find(name: str) -> ConditionField | None:
    """Archived ones, too: a stored segment goes on choosing by the values."""
    pk = whole_number(name.removeprefix(PREFIX))
    field = CustomField.objects.filter(pk=pk).first() if pk else None
    return condition_of(field) if field else None


def _offered() -> Sequence[ConditionField]:
    return [condition_of(field) for field in custom_facts.fields()]


SOURCE = FieldSource(PREFIX, _find, _offered)


# --- The filter of the list ----------------------------------------------------------
# Of fields with few values: "7:green", "8:yes".


def filter_choices(field: CustomField) -> dict[str, str]:
    """Value of the filter -> what it says, of a field that lists can be filtered by."""
    if field.custom_kind is CustomKind.YES_NO:
        values = {"yes": _("yes"), "no": _("no")}
    else:
        values = dict(field.definition.choices)
    return {f"{field.pk}:{value}": label for value, label in values.items()}


FILTERED = (CustomKind.CHOICE, CustomKind.CHOICES, CustomKind.YES_NO)


def _chosen(text: str) -> tuple[CustomField, str] | None:
    """The field and the value that a filter names; None where there are none."""
    pk, _colon, value = text.partition(":")
    field = custom_facts.field_named(f"custom_{pk}")
    if field is None or field.custom_kind not in FILTERED:
        return None
    return (field, value) if text in filter_choices(field) else None


def _filtered(text: str, today: date) -> sql.Composable:
    found = _chosen(text)
    if found is None:
        return sql.SQL("false")
    field, value = found
    held = {
        CustomKind.CHOICE: sql.SQL("k.custom ->> {key} = {value}"),
        CustomKind.CHOICES: sql.SQL("k.custom -> {key} ? {value}"),
        CustomKind.YES_NO: sql.SQL("k.custom -> {key} = {flag}::jsonb"),
    }[field.custom_kind]
    condition = held.format(
        key=sql.Literal(field.key),
        value=sql.Literal(value),
        flag=sql.Literal("true" if value == "yes" else "false"),
    )
    # About the id alone: searches have no other column.
    return sql.SQL(
        "EXISTS (SELECT FROM crm_customer k WHERE k.id = c.id AND {condition})"
    ).format(condition=condition)


def _filter_words(text: str) -> str:
    found = _chosen(text)
    if found is None:
        return _("with a field that is gone")
    label = filter_choices(found[0])[text]
    return _("%(field)s: %(value)s") % {"field": found[0].label, "value": label}


def _as_condition(text: str) -> dict[str, object] | None:
    found = _chosen(text)
    if found is None:
        return None
    field, value = found
    name = f"{PREFIX}{field.pk}"
    if field.custom_kind is CustomKind.YES_NO:
        return {"field": name, "is": value}
    return {"field": name, "is": Is.ANY_OF.value, "values": [value]}


FILTERS = (
    SegmentField(
        name="field",
        order=4,
        read=lambda text: text if ":" in text else "",
        condition=_filtered,
        refuse=lambda text: "" if not text or _chosen(text) else "unknown_filter",
        words=_filter_words,
        as_condition=_as_condition,
    ),
)
