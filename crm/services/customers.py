"""Create and change customers: the one way in for web, API, admin and demo."""

import secrets
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from copy import copy
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from crm import custom_facts, signals
from crm.customer_facts import BY_NAME, SEARCHABLE, Kind
from crm.errors import CustomerGone
from crm.models import Customer, User
from crm.rules import birthdays, custom_values, dates, names, search
from crm.rules.choices import SinceFrom
from crm.services import addresses, audit, customer_tags, erased_ids
from web.errors import AlreadyExists, InvalidValue, StaleVersion
from web.rules import places, text

# Besides the fields that staff made: "custom.KEY".
CHANGEABLE = frozenset(BY_NAME)
_CUSTOM = "custom."


@transaction.atomic
def create_customer(
    *,
    now: datetime,
    external_id: str = "",
    source: str = "main",
    tags: Iterable[str] = (),
    **values: Any,
) -> Customer:
    """A new record. Without an external id it gets one of its own ("P-…")."""
    key = text.one_line(external_id, field="external_id", most=120)
    if external_id and not key:
        raise InvalidValue(fields={"external_id": "required"})
    customer = Customer(
        source=_source(source),
        external_id=key or f"P-{secrets.token_hex(6)}",
        created_at=now,
        updated_at=now,
    )
    _apply(customer, values, now)
    if not (customer.full_name or customer.email or external_id):
        raise InvalidValue(fields={"given_name": "required"})
    _insert(customer)
    if external_id:
        erased_ids.welcome_back(customer.source, [key])
    customer_tags.set_tags(customer, tags)
    audit.record(
        "customer.created",
        f"customer:{customer.pk}",
        customer_id=customer.pk,
        fields=values.keys() - _unused(customer, values),
        now=now,
    )
    _announce(customer, frozenset({"*"}), now)
    return customer


def _unused(customer: Customer, values: Mapping[str, Any]) -> set[str]:
    """Fields of staff that a form brought along without a value."""
    custom = {name for name in values if name.startswith(_CUSTOM)}
    return {name for name in custom if name[len(_CUSTOM) :] not in customer.custom}


def _source(source: str) -> str:
    name = text.one_line(source, field="source", most=40)
    if not name:
        raise InvalidValue(fields={"source": "required"})
    return name


@transaction.atomic
def update_customer(
    customer: Customer,
    *,
    changes: Mapping[str, Any],
    now: datetime,
    version: int | None = None,
) -> Customer:
    """Change the named fields. With `version`, refuse what is based on an older one."""
    locked = Customer.objects.select_for_update().get(pk=customer.pk)
    if not locked.is_live:
        raise CustomerGone
    if version is not None and locked.version != version:
        raise StaleVersion
    changed = _apply(locked, changes, now)
    if not changed:
        return locked
    locked.version += 1
    locked.updated_at = now
    locked.save()
    if {"email", "phone"} & {*changed}:
        addresses.forget_chief(locked)
    audit.record(
        "customer.changed",
        f"customer:{locked.pk}",
        customer_id=locked.pk,
        fields=changed,
        now=now,
    )
    _announce(locked, frozenset(changed), now)
    return locked


def check_changes(
    customer: Customer, *, changes: Mapping[str, Any], now: datetime
) -> None:
    """Raise what update_customer would say of these values; write nothing."""
    _apply(copy(customer), {**changes}, now)


def normal_value(field: str, value: str, *, now: datetime) -> str:
    """A fact of one column as it is kept. Raises InvalidValue for that field."""
    blank = Customer()
    _set(blank, field, value, now)
    kept: str = getattr(blank, field)
    return kept


def draft(*, now: datetime, **values: Any) -> Customer:
    """An unsaved record with those of the values that are valid, as create_customer
    would keep them."""
    customer = Customer()
    for field, value in values.items():
        if field in BY_NAME and BY_NAME[field].kind is not Kind.TAGS:
            with suppress(InvalidValue):
                _set(customer, field, value, now)
    refresh_search(customer)
    return customer


def refresh_search(customer: Customer) -> None:
    """Names as lists sort them and search finds them; the import does the same."""
    customer.sort_name = names.sort_name(customer.given_name, customer.family_name)
    keys = custom_facts.searched_keys() if customer.custom else ()
    customer.search_text = search.customer_search_text(
        *(getattr(customer, name) for name in SEARCHABLE),
        *custom_facts.searched_values(customer.custom, keys),
        customer.external_id,
    )


def _apply(
    customer: Customer, values: Mapping[str, Any], now: datetime
) -> Collection[str]:
    """Check and set; the names of the fields that really changed."""
    custom = {name: one for name, one in values.items() if name.startswith(_CUSTOM)}
    unknown = set(values) - CHANGEABLE - custom.keys()
    if unknown:
        raise InvalidValue(fields=dict.fromkeys(sorted(unknown), "unknown_field"))
    worked_out = names.greeting_name(customer.given_name, customer.family_name)
    changed = []
    for field, value in values.items():
        if field in custom:
            continue
        before = _state(customer, field)
        _set(customer, field, value, now)
        if _state(customer, field) != before:
            changed.append(field)
    own = _set_custom(customer, custom) if custom else []
    changed += own
    if own or set(SEARCHABLE) & set(changed) or customer.pk is None:
        refresh_search(customer)
    _greet(customer, worked_out, {*values}, {*changed})
    return changed


def _set_custom(customer: Customer, values: Mapping[str, Any]) -> list[str]:
    """Check and set fields that staff made; the names of those that changed."""
    known = custom_facts.definitions()
    before = dict(customer.custom)
    after = dict(before)
    for name, value in values.items():
        found = known.get(name[len(_CUSTOM) :])
        if found is None or found.is_archived:
            code = "unknown_field" if found is None else "field_archived"
            raise InvalidValue(fields={name: code})
        kept = custom_values.read(found, value)
        after.pop(found.key, None)
        if kept is not None:
            after[found.key] = kept
    customer.custom = after
    return [
        name
        for name in values
        if before.get(name[len(_CUSTOM) :]) != after.get(name[len(_CUSTOM) :])
    ]


def _greet(
    customer: Customer, worked_out: str, given: set[str], changed: set[str]
) -> None:
    """A greeting follows the name, unless somebody wrote one of their own."""
    is_own = customer.greeting_name not in ("", worked_out)
    if not is_own or ("given_name" in changed and "greeting_name" not in given):
        customer.greeting_name = names.greeting_name(
            customer.given_name, customer.family_name
        )


def _state(customer: Customer, field: str) -> Any:
    if field == "birthday":
        return (customer.birth_year, customer.birth_month, customer.birth_day)
    if field == "phone":
        return (customer.phone_e164, customer.phone_text)
    if field == "owner":
        return customer.owner_id
    if field == "tags":
        return list(customer.tags.values_list("name", flat=True))
    return getattr(customer, field)


def _set(customer: Customer, field: str, value: Any, now: datetime) -> None:
    fact = BY_NAME[field]
    if fact.kind is Kind.LINE:
        setattr(customer, field, fact.read(value, field=field, most=fact.most))
    elif field == "notes":
        customer.notes = text.many_lines(value, field="notes", most=fact.most)
    elif field == "email":
        customer.email = text.valid_email(value, field="email")
        customer.email_norm = names.normalise_email(customer.email)
    elif field == "phone":
        customer.phone_e164, customer.phone_text = text.valid_phone(
            value, field="phone", country=customer.country
        )
    elif field == "birthday":
        _set_birthday(customer, value, now)
    elif field == "since_on":
        _set_since(customer, value, now)
    elif field == "owner":
        if value is not None and not isinstance(value, User):
            raise InvalidValue(fields={"owner": "unknown"})
        customer.owner = value
    elif field == "tags":
        customer_tags.set_tags(customer, value)
    else:
        setattr(customer, field, _listed(field, value))


def _listed(field: str, value: str) -> str:
    """A language, a zone or a country that exists; empty is allowed."""
    value = text.one_line(value, field=field, most=64)
    if not value:
        return ""
    if field == "language" and value not in dict(settings.LANGUAGES):
        raise InvalidValue(fields={field: "unknown_language"})
    if field == "time_zone" and not dates.is_zone(value):
        raise InvalidValue(fields={field: "unknown_time_zone"})
    if field == "country":
        value = value.upper()
        if value not in places.COUNTRIES:
            raise InvalidValue(fields={field: "unknown_country"})
    return value


def _set_birthday(customer: Customer, value: str | None, now: datetime) -> None:
    """`YYYY-MM-DD`, `MM-DD`, or nothing: a birthday is always optional."""
    parts = birthdays.parse(value or "")
    if birthdays.is_after(parts, now.date()):
        raise InvalidValue(fields={"birthday": "not_a_birthday"})
    if parts != (customer.birth_year, customer.birth_month, customer.birth_day):
        customer.birth_year, customer.birth_month, customer.birth_day = parts
        customer.birth_recorded_at = now if value else None


def _set_since(customer: Customer, value: date | None, now: datetime) -> None:
    if value is not None and not (date(1900, 1, 1) <= value <= now.date()):
        raise InvalidValue(fields={"since_on": "not_in_range"})
    customer.since_on = value
    customer.since_from = (SinceFrom.GIVEN if value else SinceFrom.ENTERED).value


def _insert(customer: Customer) -> None:
    try:
        with transaction.atomic():
            customer.save(force_insert=True)
    except IntegrityError as error:
        raise AlreadyExists(fields={"external_id": "already_exists"}) from error


def _announce(customer: Customer, fields: frozenset[str], now: datetime) -> None:
    signals.customers_changed.send(
        sender=Customer, ids=[customer.pk], fields=fields, now=now
    )
