"""The facts of two records that become one: which value counts, and how it was."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Field

from crm.customer_facts import ADDRESS_PARTS, BY_NAME, FACTS, CustomerFact, Kind
from crm.models import Customer
from crm.services import customers
from web.errors import InvalidValue

# A key of `Customer.custom`, as the name of a choice or of what changed.
CUSTOM = "custom."
_SINCE = "since_from"
# An address is one with its country: Paris in Texas is not that in France.
_WHERE = (*ADDRESS_PARTS, "country")


class Side(StrEnum):
    """Whose value of a fact the kept record has afterwards."""

    KEPT = "kept"
    DROPPED = "dropped"
    BOTH = "both"  # one text below the other


def choosable() -> list[CustomerFact]:
    """The facts of which one value counts; tags of both are kept anyway."""
    return [fact for fact in FACTS if fact.columns]


def fill(
    kept: Customer, dropped: Customer, choices: Mapping[str, Side], *, now: datetime
) -> None:
    """Save the chosen values on the kept record.

    Where nothing was chosen it takes what it lacks, and the earlier first day. A choice
    names a fact, or a key of `custom` as "custom.<key>". Raises InvalidValue.
    """
    _check(choices, kept, dropped)
    # All of them first: what is taken changes what the record lacks.
    sides = {
        fact: choices.get(fact.name) or default_side(fact, kept, dropped)
        for fact in choosable()
    }
    for fact, side in sides.items():
        _take(fact, kept, dropped, side)
    kept.custom = {
        key: (dropped if _takes_custom(kept, key, choices) else kept).custom[key]
        for key in {**kept.custom, **dropped.custom}
    }
    kept.version, kept.updated_at = kept.version + 1, now
    customers.refresh_search(kept)
    kept.save()


def _check(choices: Mapping[str, Side], kept: Customer, dropped: Customer) -> None:
    known = {fact.name for fact in choosable()}
    known |= {CUSTOM + key for key in {**kept.custom, **dropped.custom}}
    wrong = set(choices) - known
    wrong |= {
        name
        for name, side in choices.items()
        if side is Side.BOTH and not can_have_both(name)
    }
    if wrong:
        raise InvalidValue(fields=dict.fromkeys(sorted(wrong), "unknown_field"))


def can_have_both(name: str) -> bool:
    """Whether two values of this fact fit one below the other."""
    return name in BY_NAME and BY_NAME[name].kind is Kind.TEXT


def default_side(fact: CustomerFact, kept: Customer, dropped: Customer) -> Side:
    """Which value counts where none was chosen. Of two addresses that is one of them,
    never the street of one in the town or country of the other. A country that is not
    known says nothing: the other one's stays."""
    is_known = fact.name in ADDRESS_PARTS or (kept.country and dropped.country)
    if fact.name in _WHERE and is_known and _live_apart(kept, dropped):
        has_street = kept.street or not dropped.street
        return Side.KEPT if has_street else Side.DROPPED
    if _lacks(kept, fact.columns) > _lacks(dropped, fact.columns):
        return Side.DROPPED
    if fact.name == "since_on" and kept.since_on and dropped.since_on:
        return Side.DROPPED if dropped.since_on < kept.since_on else Side.KEPT
    return Side.KEPT


def _live_apart(kept: Customer, dropped: Customer) -> bool:
    return any(
        ours and theirs and ours.casefold() != theirs.casefold()
        for ours, theirs in (
            (getattr(kept, name), getattr(dropped, name)) for name in _WHERE
        )
    )


def _lacks(customer: Customer, columns: Collection[str]) -> bool:
    return not any(getattr(customer, column) for column in columns)


def _take(fact: CustomerFact, kept: Customer, dropped: Customer, side: Side) -> None:
    if side is Side.BOTH:
        texts = (getattr(kept, fact.name), getattr(dropped, fact.name))
        joined = "\n\n".join(dict.fromkeys(text for text in texts if text))
        setattr(kept, fact.name, joined[: fact.most])
    elif side is Side.DROPPED:
        for column in columns_of(fact):
            setattr(kept, column, getattr(dropped, column))


def columns_of(fact: CustomerFact) -> tuple[str, ...]:
    """Its columns, with the one that says where the first day comes from."""
    return (*fact.columns, _SINCE) if fact.name == "since_on" else fact.columns


def _takes_custom(kept: Customer, key: str, choices: Mapping[str, Side]) -> bool:
    return choices.get(CUSTOM + key) is Side.DROPPED or key not in kept.custom


# --- What changed, and back ----------------------------------------------------------


def snapshot(customer: Customer) -> dict[str, Any]:
    """Every fact as JSON has it: column, or "custom.<key>", -> value."""
    values = {
        name: _column(name).value_from_object(customer)
        for fact in choosable()
        for name in columns_of(fact)
    }
    values |= {CUSTOM + key: value for key, value in customer.custom.items()}
    found: dict[str, Any] = json.loads(json.dumps(values, cls=DjangoJSONEncoder))
    return found


def _column(name: str) -> "Field[Any, Any]":
    return cast("Field[Any, Any]", Customer._meta.get_field(name))


def difference(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What of the two snapshots is not the same."""
    changed = sorted(
        name for name in {**before, **after} if before.get(name) != after.get(name)
    )
    return (
        {name: before.get(name) for name in changed},
        {name: after.get(name) for name in changed},
    )


def names_of(changed: Collection[str]) -> list[str]:
    """The names of the facts of these columns."""
    facts = {column: fact.name for fact in choosable() for column in columns_of(fact)}
    return sorted({facts.get(column, "custom") for column in changed})


def restore(
    kept: Customer,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    now: datetime,
) -> None:
    """Take the values of `before` again, but for what somebody changed since."""
    present = snapshot(kept)
    for fact in choosable():
        columns = [name for name in columns_of(fact) if name in before]
        if all(present.get(name) == after[name] for name in columns):
            for name in columns:
                field = _column(name)
                setattr(kept, field.attname, field.to_python(before[name]))
    kept.custom = _custom_before(kept, before, after)
    kept.version, kept.updated_at = kept.version + 1, now
    customers.refresh_search(kept)
    kept.save()


def _custom_before(
    kept: Customer, before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, Any]:
    custom = dict(kept.custom)
    for name in (name for name in before if name.startswith(CUSTOM)):
        key = name.removeprefix(CUSTOM)
        if custom.get(key) != after[name]:
            continue
        custom.pop(key, None)
        if before[name] is not None:
            custom[key] = before[name]
    return custom
