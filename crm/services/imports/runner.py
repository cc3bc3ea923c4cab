"""The two imports: import_customers and import_orders, called by the commands."""

import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from crm import selectors
from crm.errors import FileUnusable
from crm.import_columns import ImportContext, ImportKind
from crm.models import Business, Product
from crm.rules import dates
from crm.rules.choices import ProductNature
from crm.services import erased_ids, product_rules
from crm.services.imports.app_columns import AppColumns, with_app_columns
from crm.services.imports.customer_loading import CustomerLoader
from crm.services.imports.customers import FIELDS as CUSTOMER_FIELDS
from crm.services.imports.customers import CustomerCheck, CustomerSettings
from crm.services.imports.order_loading import OrderLoader
from crm.services.imports.orders import FIELDS as ORDER_FIELDS
from crm.services.imports.orders import OrderCheck, OrderSettings
from crm.services.imports.precheck import in_whole_groups, precheck
from crm.services.imports.reading import open_table
from crm.services.imports.running import (
    Options,
    Progress,
    Report,
    only_one,
    run_slices,
)
from crm.sql import import_runs, order_import
from web.errors import InvalidValue
from web.rules import text


def import_customers(
    path: Path, options: Options, *, now: datetime, progress: Progress
) -> Report:
    """Upsert by (source, external id). An empty cell changes nothing."""
    started = time.monotonic()
    business = selectors.business()
    zone = _check(options, business)
    fields = with_app_columns(CUSTOMER_FIELDS, ImportKind.CUSTOMERS)
    table = open_table(path, fields, options.mapping, options.encoding)
    found = precheck(table)
    shop_zone = dates.zone_of(business.time_zone, "UTC")
    context = ImportContext(
        source=options.source, now=now, zone=zone, shop_zone=shop_zone, options=options
    )
    apps = AppColumns(ImportKind.CUSTOMERS, table.positions, context)
    with only_one("customers", options.source) as is_alone:
        given = CustomerSettings(
            now=now,
            zone=zone,
            shop_zone=shop_zone,
            shop_country=business.country,
            languages=frozenset(code for code, _ in settings.LANGUAGES),
            erased=erased_ids.of_source(options.source, shop_zone),
            apps=apps,
        )
        return run_slices(
            "customers",
            table,
            CustomerCheck(table, given).slices(table.rows()),
            CustomerLoader(source=options.source, now=now, apps=apps),
            options=options,
            total=found.rows,
            started=started,
            now=now,
            progress=progress,
            is_alone=is_alone,
        )


def import_orders(
    path: Path, options: Options, *, now: datetime, progress: Progress
) -> Report:
    """Replace every order of the file as a whole, by (source, order id)."""
    started = time.monotonic()
    business = selectors.business()
    zone = _check(options, business)
    table = open_table(path, ORDER_FIELDS, options.mapping, options.encoding)
    found = precheck(table, group_by="order_id")
    with only_one("orders", options.source) as is_alone:
        if not options.dry_run:
            product_rules.switch_on(options.source, options.rules, now=now)
        shop_zone = dates.zone_of(business.time_zone, "UTC")
        given = OrderSettings(
            now=now,
            zone=zone,
            shop_zone=shop_zone,
            currency=business.currency,
            rules=selectors.product_rules(options.source, also=options.rules),
            natures=_natures(options.source),
            customers=_known_customers(options.source),
            erased=erased_ids.of_source(options.source, shop_zone),
            torn=found.torn,
            create_customers=options.create_customers,
            decimal_comma=options.decimal_comma,
        )
        rows = in_whole_groups(table, found, group_by="order_id")
        return run_slices(
            "orders",
            table,
            OrderCheck(table, given).slices(rows),
            OrderLoader(source=options.source, now=now),
            options=options,
            total=found.rows,
            started=started,
            now=now,
            progress=progress,
            is_alone=is_alone,
        )


def _check(options: Options, business: Business) -> ZoneInfo:
    """The zone of times without one; refuse options that make no sense."""
    if options.time_zone and not dates.is_zone(options.time_zone):
        raise FileUnusable(f"There is no time zone {options.time_zone!r}.")
    try:
        source = text.one_line(options.source, field="source", most=40)
    except InvalidValue:
        source = ""
    if not source or source != options.source:
        raise FileUnusable("A source is a word of at most 40 characters.")
    return dates.zone_of(options.time_zone, business.time_zone)


def _natures(source: str) -> dict[str, ProductNature]:
    rows = Product.objects.filter(source=source).exclude(
        nature=ProductNature.PRODUCT.value
    )
    return {
        sku: ProductNature(nature) for sku, nature in rows.values_list("sku", "nature")
    }


def _known_customers(source: str) -> dict[str, int]:
    """Streamed: a list of a million pairs would be larger than the map itself."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(import_runs.ANY_LENGTH)
        with cursor.copy(order_import.known_customers(source)) as copy:
            copy.set_types(["text", "int8"])
            return dict(copy.rows())
