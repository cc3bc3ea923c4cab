"""The list of what an undo kept, and why: a file for whoever pressed it."""

import csv
import io
import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm import selectors
from crm.access import Capability
from crm.models import (
    Company,
    CompanyPerson,
    Customer,
    CustomerAddress,
    ImportedRow,
    ImportRun,
    Interaction,
    Order,
    Product,
    StoredFile,
    Subscription,
    User,
)
from crm.personal_rows import all_rows
from crm.rules import dates
from crm.rules.choices import ImportedThing
from crm.services import files
from crm.services.exports.formats import Csv
from crm.services.imports.undo import CHANGED, USED, Names, UndoPart
from web.rules import spreadsheets

_READ_AT_ONCE = 1_000


def reason_in_words(code: str, part: UndoPart | None = None) -> str:
    """Why an undo kept a record; `part`: of an import of another app."""
    if part is not None and code in part.reasons:
        return str(part.reasons[code])
    if code == CHANGED:
        return _("It was changed since.")
    if code == USED:
        return _("Something else names it.")
    labels = {rows.name: str(rows.label or rows.name) for rows in all_rows()}
    return _("There is more of them: %(what)s") % {"what": labels.get(code, code)}


def list_of_kept(
    run: ImportRun, part: UndoPart | None, *, by: User | None, now: datetime
) -> StoredFile:
    """Keep it as CSV in the language of `by`: what, its number, its name, why."""
    language = by.language if by and by.language else None
    with tempfile.TemporaryFile() as out, translation.override(language):
        text = io.TextIOWrapper(out, encoding="utf-8", newline="")
        text.write("\ufeff")
        writer = csv.writer(text)
        writer.writerow(["what", "id", "name", "why"])
        for line in _kept_lines(run, part):
            writer.writerow(map(spreadsheets.harmless, line))
        text.detach()
        out.seek(0)
        return files.store(
            out,
            name=f"kept-by-undo-{run.pk}.csv",
            content_type=Csv.content_type,
            capability=Capability.IMPORT_DATA,
            by=by,
            now=now,
        )


def _kept_lines(run: ImportRun, part: UndoPart | None) -> Iterator[list[str]]:
    kept = ImportedRow.objects.filter(run=run).exclude(kept="")
    for what, named in (_NAMES | ({part.what: part.named} if part else {})).items():
        rows = kept.filter(what=what.value).order_by("row_id")
        after = 0
        while batch := list(
            rows.filter(row_id__gt=after).values_list("row_id", "kept")[:_READ_AT_ONCE]
        ):
            names = named([pk for pk, _reason in batch])
            for pk, reason in batch:
                number, name = names.get(pk, ("", ""))
                yield [what.value, number, name, reason_in_words(reason, part)]
            after = batch[-1][0]


def _names_of(model: Any, number: str) -> Names:
    def named(ids: list[int]) -> dict[int, tuple[str, str]]:
        return {
            row.pk: (str(getattr(row, number)), str(row))
            for row in model.objects.filter(pk__in=ids)
        }

    return named


def _contacts(ids: list[int]) -> dict[int, tuple[str, str]]:
    """By the number of whom it was with: the kind, their name and the day."""
    zone = dates.zone_of(selectors.business().time_zone, "UTC")
    rows = Interaction.objects.filter(pk__in=ids).select_related("customer")
    return {
        row.pk: (
            row.customer.external_id,
            ", ".join((row.get_channel_display(), str(row.customer), day)),
        )
        for row in rows
        for day in [date_format(row.happened_at.astimezone(zone), "j F Y")]
    }


_NAMES = {
    ImportedThing.CUSTOMER: _names_of(Customer, "external_id"),
    ImportedThing.ORDER: _names_of(Order, "external_id"),
    ImportedThing.PRODUCT: _names_of(Product, "sku"),
    ImportedThing.INTERACTION: _contacts,
    ImportedThing.CONTRACT: _names_of(Subscription, "external_id"),
    ImportedThing.ADDRESS: _names_of(CustomerAddress, "pk"),
    ImportedThing.COMPANY: _names_of(Company, "pk"),
    ImportedThing.COMPANY_LINK: _names_of(CompanyPerson, "customer_id"),
}
