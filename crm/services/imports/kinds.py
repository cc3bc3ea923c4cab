"""The kinds of import: which columns each has, and what checks and loads its rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from psycopg.sql import Composed

from crm import selectors
from crm.errors import FileUnusable
from crm.import_columns import ImportContext, ImportKind
from crm.models import Business, Product, User
from crm.rules import dates
from crm.rules.choices import ProductNature
from crm.services import erased_ids, keyed_hashes, product_rules
from crm.services.imports import custom_columns
from crm.services.imports.app_columns import AppColumns, with_app_columns
from crm.services.imports.columns import Fields
from crm.services.imports.custom_columns import CustomColumns
from crm.services.imports.customer_cells import CustomerSettings
from crm.services.imports.customer_loading import CustomerLoader
from crm.services.imports.customers import FIELDS as CUSTOMER_FIELDS
from crm.services.imports.customers import CustomerCheck
from crm.services.imports.hashed_ids import IdMap
from crm.services.imports.history import FIELDS as HISTORY_FIELDS
from crm.services.imports.history import HistoryCheck, HistorySettings
from crm.services.imports.history_loading import HistoryLoader
from crm.services.imports.identity import People, PeopleGroups, RowIds
from crm.services.imports.loading import Loader
from crm.services.imports.modes import (
    modes_of,
    refuse_modes,
    refuse_modes_of_customers,
)
from crm.services.imports.order_loading import OrderLoader
from crm.services.imports.orders import FIELDS as ORDER_FIELDS
from crm.services.imports.orders import OrderCheck, OrderSettings
from crm.services.imports.parts import Folder, Grouping, Parts
from crm.services.imports.precheck import Groups
from crm.services.imports.reading import Columns
from crm.services.imports.running import Check, Options
from crm.services.imports.values.asked import check_rules
from crm.sql import history_import, import_runs, order_import
from web.errors import InvalidValue
from web.rules import text

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


@dataclass(frozen=True)
class Given:
    """What a check needs besides the rows."""

    parts: Parts
    folder: Folder
    options: Options
    business: Business
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        """Of times that name none."""
        return dates.zone_of(self.options.time_zone, self.business.time_zone)

    @property
    def shop_zone(self) -> ZoneInfo:
        return dates.zone_of(self.business.time_zone, "UTC")

    @cached_property
    def customer_columns(self) -> AppColumns:
        """Those of apps. One for the check and the loader of a step."""
        context = ImportContext(
            source=self.options.source,
            now=self.now,
            zone=self.zone,
            shop_zone=self.shop_zone,
            shop_country=self.business.country,
            options=self.options,
        )
        return AppColumns(ImportKind.CUSTOMERS, self.parts.positions, context)

    @cached_property
    def custom_columns(self) -> CustomColumns:
        """Those of the fields that staff made. One for the check and the loader."""
        return custom_columns.of_file(self.parts.positions)


# Of a ground and of the source of a consent.
_MOST_WORDS = 300


def _nothing(options: Options, now: datetime) -> None:
    return None


def _no_groups(options: Options, columns: Columns) -> None:
    return None


@dataclass(frozen=True)
class Importer:
    """One kind of import.

    `groups`: which rows go in together. It looks at the columns of the file and raises
    FileUnusable where the options do not go with them. `begin` is called once, before
    the first row of a run that is no dry run. `refuse` raises FileUnusable for options
    that make no sense whatever the file is. `label` says what is in such a file,
    `labels` what its fields are, where nobody else says so. Rows of a kind that
    `can_be_undone` are noted while they go in.
    """

    name: str
    label: "str | StrPromise"
    # A function: apps bring columns when they are ready.
    fields: Callable[[], Fields]
    check: Callable[[Given], Check]
    loader: Callable[[Given], Loader]
    groups: Callable[[Options, Columns], Grouping | None] = _no_groups
    refuse: Callable[[Options], None] = refuse_modes_of_customers
    begin: Callable[[Options, datetime], None] = _nothing
    labels: "Mapping[str, str | StrPromise]" = field(default_factory=dict)
    can_be_undone: bool = False


def refuse_options(kind: Importer, options: Options) -> None:
    """Raises FileUnusable for options that make no sense."""
    kind.refuse(options)
    if options.time_zone and not dates.is_zone(options.time_zone):
        raise FileUnusable(f"There is no time zone {options.time_zone!r}.")
    try:
        source = text.one_line(options.source, field="source", most=40)
    except InvalidValue:
        source = ""
    check_rules(options.cells, {code for code, _ in settings.LANGUAGES})
    if not source or source != options.source:
        raise FileUnusable("A source is a word of at most 40 characters.")
    for name, words in (("ground", options.ground), ("consent", options.consent)):
        try:
            text.one_line(words, field=name, most=_MOST_WORDS)
        except InvalidValue:
            raise FileUnusable(
                f"The words of --{name} are one line of at most {_MOST_WORDS}"
                " characters."
            ) from None


# --- Customers -----------------------------------------------------------------------


def _customer_fields() -> Fields:
    fields = with_app_columns(CUSTOMER_FIELDS, ImportKind.CUSTOMERS)
    return custom_columns.with_fields(fields)


def _people(options: Options, columns: Columns) -> PeopleGroups | None:
    modes = modes_of(options, columns.positions)
    return PeopleGroups(People(columns, modes)) if modes.by_address else None


def _customer_check(given: Given) -> Check:
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


def _customer_loader(given: Given) -> Loader:
    return CustomerLoader(
        source=given.options.source,
        now=given.now,
        apps=given.customer_columns,
        custom=given.custom_columns,
        ground=given.options.ground,
        modes=modes_of(given.options, given.parts.positions),
    )


# --- Orders --------------------------------------------------------------------------


def _order_fields() -> Fields:
    return ORDER_FIELDS


def _orders(options: Options, columns: Columns) -> Groups:
    at = columns.positions
    buyers = [at[name] for name in ("customer_id", "email") if name in at]
    return Groups(at["order_id"], len(columns.header), buyers)


def _order_check(given: Given) -> Check:
    options, named = given.options, given.parts.names_addresses
    known = OrderSettings(
        now=given.now,
        zone=given.zone,
        shop_zone=given.shop_zone,
        currency=given.business.currency,
        rules=selectors.product_rules(options.source, also=options.rules),
        natures=_natures(options.source),
        customers=_known_customers(options.source),
        addresses=_ids(history_import.ADDRESSES) if named else IdMap(),
        erased=erased_ids.of_source(options.source, given.shop_zone),
        torn=given.parts.torn(given.folder),
        create_customers=options.create_customers,
        cells=options.cells,
    )
    return OrderCheck(given.parts, known)


def _order_loader(given: Given) -> Loader:
    return OrderLoader(source=given.options.source, now=given.now)


def _switch_on_rules(options: Options, now: datetime) -> None:
    product_rules.switch_on(options.source, options.rules, now=now)


def _natures(source: str) -> dict[str, ProductNature]:
    rows = Product.objects.filter(source=source).exclude(
        nature=ProductNature.PRODUCT.value
    )
    return {
        sku: ProductNature(nature) for sku, nature in rows.values_list("sku", "nature")
    }


def _known_customers(source: str) -> IdMap:
    """Streamed: a list of a million pairs would be larger than the map itself."""
    return _ids(order_import.known_customers(source))


def _ids(statement: Composed) -> IdMap:
    known = IdMap()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(import_runs.ANY_LENGTH)
        with cursor.copy(statement) as copy:
            copy.set_types(["text", "int8"])
            for key, pk in copy.rows():
                known[key] = pk
    return known


# --- Contact history -----------------------------------------------------------------


def _history_check(given: Given) -> Check:
    known = HistorySettings(
        source=given.options.source,
        now=given.now,
        zone=given.zone,
        shop_zone=given.shop_zone,
        customers=_ids(history_import.customers(given.options.source)),
        addresses=_ids(history_import.ADDRESSES),
        cells=given.options.cells,
        staff=dict(User.objects.values_list("email", "pk")),
    )
    return HistoryCheck(given.parts, known)


def _history_loader(given: Given) -> Loader:
    return HistoryLoader(source=given.options.source, now=given.now)


_HISTORY_LABELS = {
    "contact_id": _("Number of the contact"),
    "customer_id": _("Customer: number or address"),
    "happened_at": _("Day and time"),
    "channel": _("Call, visit, mail, chat or note"),
    "direction": _("From whom to whom"),
    "colleague": _("By whom"),
    "subject": _("Subject"),
    "body": _("Text"),
    "outcome": _("Outcome"),
}
KINDS = {
    kind.name: kind
    for kind in (
        Importer(
            "customers",
            _("People"),
            _customer_fields,
            _customer_check,
            _customer_loader,
            groups=_people,
            refuse=refuse_modes,
            can_be_undone=True,
        ),
        Importer(
            "orders",
            _("Orders"),
            _order_fields,
            _order_check,
            _order_loader,
            groups=_orders,
            begin=_switch_on_rules,
            can_be_undone=True,
        ),
        Importer(
            "history",
            _("Calls, visits, mails and notes"),
            lambda: HISTORY_FIELDS,
            _history_check,
            _history_loader,
            labels=_HISTORY_LABELS,
        ),
    )
}


def register(importer: Importer) -> None:
    """A kind that an app above brings, from its `import_fields.py`."""
    if importer.name in KINDS:
        raise ValueError(f"The import {importer.name!r} is declared twice.")
    KINDS[importer.name] = importer
