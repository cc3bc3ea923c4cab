"""Create and change companies, and say who belongs to them."""

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from crm import signals
from crm.errors import CompanyInUse, CustomerGone
from crm.models import Company, CompanyPerson, Customer
from crm.rules import search
from crm.services import audit
from crm.sql import companies as sql
from web.errors import InvalidValue, StaleVersion
from web.rules import text

MOST_NAME, MOST_ROLE, MOST_TAGS = 200, 80, 50
# What a file may have in the place of a name.
_DOMAIN = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", re.ASCII | re.IGNORECASE)
CHANGEABLE = frozenset({"name", "domain", "parent", "address", "note", "tags"})


@transaction.atomic
def create_company(*, now: datetime, **values: Any) -> Company:
    """A new company. Raises InvalidValue, also for a company without a name."""
    company = Company(created_at=now, updated_at=now)
    _apply(company, {"name": "", **values})
    company.save()
    _record(company, "created", now, values)
    return company


@transaction.atomic
def update_company(
    company: Company,
    *,
    changes: Mapping[str, Any],
    now: datetime,
    version: int | None = None,
) -> Company:
    """Change the named fields. With `version`, refuse what is based on an older one.

    Raises StaleVersion, and InvalidValue, also for a parent that is the company itself
    or one of its own branches.
    """
    locked = Company.objects.select_for_update().get(pk=company.pk)
    if version is not None and locked.version != version:
        raise StaleVersion
    changed = _apply(locked, changes)
    if changed:
        locked.version += 1
        locked.updated_at = now
        locked.save()
        _record(locked, "changed", now, changed)
    return locked


@transaction.atomic
def named(cells: Collection[str], *, now: datetime) -> dict[str, int | None]:
    """The company of each name or domain, made where there is none; None where several
    are called that. Raises InvalidValue for what is no name.

    A transaction that makes one waits for one that is making some: each is made once.
    """
    found = known(cells)
    if len(found) < len({*cells}):
        with connection.cursor() as cursor:
            cursor.execute(sql.LOCK_NAMES)
        found = known(cells)
        _create_named([cell for cell in cells if cell not in found], now)
        found = known(cells)
    return found


def known(cells: Collection[str]) -> dict[str, int | None]:
    """The company of each domain or else name that is there; None for several."""
    with connection.cursor() as cursor:
        cursor.execute(sql.NAMED, {"cells": list({*cells})})
        return dict(cursor.fetchall())


def _create_named(cells: Sequence[str], now: datetime) -> None:
    """One for each name, whatever its capitals, as it is written first."""
    made, first = [], {cell.lower(): cell for cell in reversed(cells)}
    for cell in reversed(first.values()):
        company = Company(created_at=now, updated_at=now)
        _apply(company, {"name": cell, "domain": _domain_in(cell)})
        made.append(company)
    for company in Company.objects.bulk_create(made):
        _record(company, "created", now, ("name", "domain"))


def _domain_in(cell: str) -> str:
    with suppress(InvalidValue):
        return _domain(cell) if _DOMAIN.fullmatch(cell) else ""
    return ""


@transaction.atomic
def delete_company(company: Company, *, now: datetime) -> None:
    """Its people stay, and belong to it no more. Raises CompanyInUse where another
    company has it as its parent."""
    locked = Company.objects.select_for_update().get(pk=company.pk)
    if locked.branches.exists():
        raise CompanyInUse
    ids = list(locked.people.values_list("customer_id", flat=True))
    _record(locked, "deleted", now, ())
    locked.delete()
    _announce(ids, now)


@transaction.atomic
def link(
    company: Company, customer: Customer, *, now: datetime, role: str = ""
) -> CompanyPerson:
    """This person belongs to the company; asked again, the role is changed."""
    locked = Customer.objects.select_for_update().get(pk=customer.pk)
    if not locked.is_live:
        raise CustomerGone
    role = text.one_line(role, field="role", most=MOST_ROLE)
    row, made = CompanyPerson.objects.get_or_create(
        company=company,
        customer=locked,
        defaults={"role": role, "created_at": now},
    )
    if not made and row.role == role:
        return row
    row.role = role
    row.save(update_fields=["role"])
    _record(company, "person_linked", now, ("role",), customer_id=locked.pk)
    _announce([locked.pk], now)
    return row


@transaction.atomic
def unlink(company: Company, customer: Customer, *, now: datetime) -> bool:
    """This person belongs to the company no more. False: they did not."""
    gone, _ = CompanyPerson.objects.filter(company=company, customer=customer).delete()
    if gone:
        _record(company, "person_unlinked", now, (), customer_id=customer.pk)
        _announce([customer.pk], now)
    return bool(gone)


def _apply(company: Company, values: Mapping[str, Any]) -> list[str]:
    """Check and set; the names of the fields that really changed."""
    unknown = set(values) - CHANGEABLE
    if unknown:
        raise InvalidValue(fields=dict.fromkeys(sorted(unknown), "unknown_field"))
    changed = []
    for field, value in values.items():
        before, after = getattr(company, field), _read(company, field, value)
        setattr(company, field, after)
        if before != after:
            changed.append(field)
    if not company.name:
        raise InvalidValue(fields={"name": "required"})
    company.search_text = search.search_text(company.name, company.domain)
    return changed


def _read(company: Company, field: str, value: Any) -> Any:
    if field == "name":
        return text.one_line(value, field="name", most=MOST_NAME)
    if field == "domain":
        return _domain(value)
    if field == "tags":
        tags = {text.one_line(tag, field="tags", most=60) for tag in value} - {""}
        if len(tags) > MOST_TAGS:
            raise InvalidValue(fields={"tags": "too_many"})
        return sorted(tags)
    if field == "parent":
        _refuse_circle(company, value)
        return value
    most = 2_000 if field == "address" else 20_000
    return text.many_lines(value, field=field, most=most)


def _domain(value: str) -> str:
    domain = text.ascii_domain(text.one_line(value, field="domain", most=253))
    domain = domain.removeprefix("@").removesuffix(".")
    if domain:
        text.valid_email(f"somebody@{domain}", field="domain")
    return domain


def _refuse_circle(company: Company, parent: Company | None) -> None:
    """Two changes at once could make a circle that neither sees: so one at a time."""
    if parent is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(sql.LOCK_PARENTS)
        cursor.execute(sql.ABOVE, {"id": parent.pk})
        above = {pk for (pk,) in cursor.fetchall()}
    if company.pk in above:
        raise InvalidValue(fields={"parent": "company_in_a_circle"})


def _record(
    company: Company,
    verb: str,
    now: datetime,
    fields: Collection[str],
    customer_id: int | None = None,
) -> None:
    audit.record(
        f"company.{verb}",
        f"company:{company.pk}",
        customer_id=customer_id,
        fields=fields,
        now=now,
    )


def _announce(ids: Collection[int], now: datetime) -> None:
    if ids:
        signals.customers_changed.send(
            sender=Customer, ids=sorted(ids), fields=frozenset({"companies"}), now=now
        )
