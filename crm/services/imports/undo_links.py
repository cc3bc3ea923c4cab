"""What an undo takes from people: addresses, tags and companies that a run brought."""

from collections.abc import Sequence

from django.db import models

from crm import signals
from crm.models import Company, CompanyPerson, Customer, CustomerAddress, Tag
from crm.rules.choices import ImportedThing
from crm.services.imports.undo import CHANGED, USED, Undo, used_elsewhere
from crm.sql import import_undo as sql

CustomerTag = Customer.tags.through


def remove_addresses(undo: Undo, ids: Sequence[int]) -> None:
    """Further addresses that the run brought and nobody changed since."""
    same = {pk for (pk,) in undo.execute(sql.UNCHANGED[ImportedThing.ADDRESS], ids)}
    there = CustomerAddress.objects.filter(pk__in=ids).values_list("pk", flat=True)
    undo.keep(ImportedThing.ADDRESS, set(there) - same, CHANGED)
    undo.count("removed", CustomerAddress.objects.filter(pk__in=same).delete()[0])


def remove_customer_tags(undo: Undo, ids: Sequence[int]) -> None:
    """Take the tags off that the import put on."""
    CustomerTag.objects.filter(pk__in=ids).delete()


def remove_tags(undo: Undo, ids: Sequence[int]) -> None:
    """Remove tags that the import made and that no customer carries any more."""
    carried = CustomerTag.objects.filter(tag_id=models.OuterRef("pk"))
    Tag.objects.filter(~models.Exists(carried), pk__in=ids).delete()


def remove_company_links(undo: Undo, ids: Sequence[int]) -> None:
    """Links to companies that the run made and nobody changed since."""
    what = ImportedThing.COMPANY_LINK
    same = {pk for (pk,) in undo.execute(sql.UNCHANGED[what], ids)}
    there = CompanyPerson.objects.filter(pk__in=ids).values_list("pk", flat=True)
    undo.keep(what, set(there) - same, CHANGED)
    rows = CompanyPerson.objects.filter(pk__in=same)
    people = sorted(set(rows.values_list("customer_id", flat=True)))
    undo.count("removed", rows.delete()[0])
    if people:
        signals.customers_changed.send(
            sender=Customer, ids=people, fields=frozenset({"companies"}), now=undo.now
        )


def remove_companies(undo: Undo, ids: Sequence[int]) -> None:
    """Companies that the run made, but for those changed or used since."""
    same = {pk for (pk,) in undo.execute(sql.UNCHANGED[ImportedThing.COMPANY], ids)}
    there = Company.objects.filter(pk__in=ids).values_list("pk", flat=True)
    undo.keep(ImportedThing.COMPANY, set(there) - same, CHANGED)
    used = used_elsewhere(Company, same, but=())
    undo.keep(ImportedThing.COMPANY, used, USED)
    undo.count("removed", Company.objects.filter(pk__in=same - used).delete()[0])
