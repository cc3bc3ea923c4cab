"""The import of customers."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from crm.import_columns import ImportKind
from crm.services import erased_ids, keyed_hashes
from crm.services.imports import custom_columns
from crm.services.imports.app_columns import with_app_columns
from crm.services.imports.columns import Fields
from crm.services.imports.customer_cells import CustomerSettings
from crm.services.imports.customer_loading import CustomerLoader
from crm.services.imports.customers import FIELDS, CustomerCheck
from crm.services.imports.identity import People, PeopleGroups, RowIds
from crm.services.imports.importer import Given, Importer
from crm.services.imports.loading import Loader
from crm.services.imports.modes import modes_of, refuse_modes
from crm.services.imports.reading import Columns
from crm.services.imports.running import Check, Options


def _fields() -> Fields:
    fields = with_app_columns(FIELDS, ImportKind.CUSTOMERS)
    return custom_columns.with_fields(fields)


def _people(options: Options, columns: Columns) -> PeopleGroups | None:
    modes = modes_of(options, columns.positions)
    return PeopleGroups(People(columns, modes)) if modes.by_address else None


def _check(given: Given) -> Check:
    modes = modes_of(given.options, given.parts.positions)
    known = CustomerSettings(
        now=given.now,
        zone=given.zone,
        shop_zone=given.shop_zone,
        shop_country=given.business.country,
        languages=frozenset(code for code, _ in settings.LANGUAGES),
        erased=erased_ids.of_source(given.options.source, given.shop_zone),
        apps=given.customer_columns,
        custom=given.custom_columns,
        currency=given.options.cells.defaults.get("currency")
        or given.business.currency,
        cells=given.options.cells,
        modes=modes,
        ids=RowIds(
            People(given.parts, modes),
            modes,
            source=given.options.source,
            secret=keyed_hashes.address_key(),
        ),
    )
    return CustomerCheck(given.parts, known)


def _loader(given: Given) -> Loader:
    return CustomerLoader(
        source=given.options.source,
        now=given.now,
        apps=given.customer_columns,
        custom=given.custom_columns,
        ground=given.options.ground,
        modes=modes_of(given.options, given.parts.positions),
    )


CUSTOMERS = Importer(
    "customers",
    _("People"),
    _fields,
    _check,
    _loader,
    groups=_people,
    refuse=refuse_modes,
    can_be_undone=True,
)
