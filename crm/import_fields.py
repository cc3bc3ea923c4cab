"""Second addresses and numbers, and companies with a page, in a file of customers.

`email_2` to `email_5` and `phone_2` to `phone_5`; a cell may hold several. They are
added to what the person has: an import takes none away, and a cell that cannot be read
leaves the rest of its row alone. `linked_company` is the name or the domain of a
company, with `company_role`; a link that is there already stays as it is.
"""

import json
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from psycopg.sql import SQL

from crm.import_columns import (
    ImportContext,
    ImportField,
    ImportGroup,
    Reader,
    StagedRows,
    register,
)
from crm.rules import names
from crm.rules.choices import AddressKind
from crm.services import companies
from crm.services.addresses import norm_of_phone
from crm.services.imports.values.cells import is_nothing, plain
from crm.services.imports.values.people import addresses_in, phones_in
from crm.sql import companies as companies_sql
from crm.sql import second_addresses as sql
from web.errors import InvalidValue
from web.rules import text

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

NUMBERS = range(2, 6)
_EMAILS = {
    2: (
        *("email 2", "second email", "secondary email", "additional email"),
        *("additional email addresses", "work email", "e-mail 2 - value", "email2"),
        *("e-mail 2 address", "other email", "alternate email", "备用邮箱"),
        *("次要邮箱", "備用信箱", "次要電郵", "אימייל נוסף", "דואר אלקטרוני נוסף"),
    ),
    3: ("email 3", "e-mail 3 - value", "e-mail 3 address", "email3"),
    4: ("email 4", "e-mail 4 - value"),
    5: ("email 5", "e-mail 5 - value"),
}
_PHONES = {
    2: (
        *("phone 2", "second phone", "secondary phone", "other phone", "work phone"),
        *("home phone", "phone 2 - value", "alternate phone", "phone2"),
        *("additional phone", "备用电话", "其他电话", "備用電話", "其他電話"),
        *("טלפון נוסף", "טלפון 2"),
    ),
    3: ("phone 3", "phone 3 - value", "phone3"),
    4: ("phone 4", "phone 4 - value"),
    5: ("phone 5", "phone 5 - value"),
}
# The cell says something that is no address.
_UNREADABLE = "[]"


def _emails(context: ImportContext) -> Reader:
    def read(cell: str) -> str:
        try:
            found = [text.valid_email(cell)]
        except InvalidValue:
            found = addresses_in(cell)
        return _json(cell, [(one, names.normalise_email(one)) for one in found])

    return read


def _phones(context: ImportContext) -> Reader:
    country = context.shop_country

    def read(cell: str) -> str:
        found = []
        for part in phones_in(cell) or [cell]:
            try:
                e164, written = text.valid_phone(part, country=country)
            except InvalidValue:
                continue
            found.append((written, norm_of_phone(e164, written)))
        return _json(cell, found)

    return read


def _json(cell: str, found: list[tuple[str, str]]) -> str:
    if not plain(cell):
        return ""
    known = [pair for pair in found if all(pair)]
    return json.dumps(known, ensure_ascii=False) if known else _UNREADABLE


def _fields(
    name: str,
    label: "StrPromise",
    reader: Callable[[ImportContext], Reader],
    synonyms: dict[int, tuple[str, ...]],
) -> list[ImportField]:
    return [
        ImportField(
            name=f"{name}_{number}",
            label=format_lazy("{} {}", label, number),
            reader=reader,
            sql_type="jsonb",
            synonyms=synonyms[number],
        )
        for number in NUMBERS
    ]


def _apply(rows: StagedRows) -> Collection[int]:
    """Add what the person has not; the ids of those whom that changed."""
    columns = sorted(rows.fields)
    kinds = [AddressKind(name.partition("_")[0]).value for name in columns]
    told = list(zip(kinds, columns, strict=True))
    for (unreadable,) in rows.fetch(sql.unreadable(rows.table, told)):
        rows.notes.add("second_address_left_out", example=unreadable)
    if rows.is_dry:
        return [pk for (pk,) in rows.fetch(sql.would_add(rows.table, told))]
    return {pk for (pk,) in rows.fetch(sql.add(rows.table, told))}


# --- Companies -----------------------------------------------------------------------


def _line(name: str, most: int) -> Callable[[ImportContext], Reader]:
    def read(cell: str) -> str:
        return "" if is_nothing(cell) else text.one_line(cell, field=name, most=most)

    return lambda context: read


def _link(rows: StagedRows) -> Collection[int]:
    """Link people to the companies of their rows; the ids of whom that changed."""
    if "company_role" in rows.fields:
        company = SQL("linked_company" if _COMPANY in rows.fields else "NULL")
        alone = companies_sql.ROLE_ALONE.format(table=rows.table, company=company)
        for (number,) in rows.fetch(alone):
            rows.notes.add("company_role_alone", example=number)
    if _COMPANY not in rows.fields:
        return ()
    told = rows.fetch(companies_sql.CELLS.format(table=rows.table))
    cells = [cell for (cell,) in told]
    known = (
        companies.known(cells)
        if rows.is_dry
        else companies.named(cells, now=rows.context.now)
    )
    unclear = [cell for cell, pk in known.items() if pk is None]
    values = {"cells": [*known], "ids": [*known.values()], "unclear": unclear}
    unlinked = companies_sql.UNCLEAR.format(table=rows.table)
    for number, cell in rows.fetch(unlinked, values):
        rows.notes.add("company_unclear", example=f"{number}: {cell}")
    found = (
        companies_sql.WOULD_ADD.format(table=rows.table)
        if rows.is_dry
        else companies_sql.add(rows.table, has_role="company_role" in rows.fields)
    )
    return {pk for (pk,) in rows.fetch(found, values)}


_COMPANY = "linked_company"
register(
    ImportGroup(
        name="companies",
        fields=[
            ImportField(
                name=_COMPANY,
                label=_("Linked company"),
                reader=_line(_COMPANY, companies.MOST_NAME),
                synonyms=(
                    # Not "company domain": what makes pages is named explicitly.
                    *("linked company", "company page", "关联公司", "關聯公司"),
                    "חברה מקושרת",
                ),
            ),
            ImportField(
                name="company_role",
                label=_("Role in the company"),
                reader=_line("company_role", companies.MOST_ROLE),
                synonyms=(
                    # Not "job title": most files with one name no company to link.
                    *("role in the company", "company role", "role at company"),
                    *("公司职位", "公司職位", "תפקיד בחברה"),
                ),
            ),
        ],
        apply=_link,
        words={
            "company_unclear": _(
                "with a company of which several have that name: not linked"
            ),
            "company_role_alone": _("with a role and no company, left out"),
            "linked_company_too_long": _("The name of the company is too long."),
            "linked_company_control_characters": _(
                "The name of the company has characters that no name has."
            ),
            "company_role_too_long": _("The role in the company is too long."),
            "company_role_control_characters": _(
                "The role in the company has characters that no text has."
            ),
        },
    ),
    ImportGroup(
        name="second_addresses",
        fields=[
            *_fields("email", _("Email"), _emails, _EMAILS),
            *_fields("phone", _("Phone"), _phones, _PHONES),
        ],
        apply=_apply,
        words={
            "second_address_left_out": _(
                "with a second address or number that cannot be read, left out"
            ),
        },
    ),
)
