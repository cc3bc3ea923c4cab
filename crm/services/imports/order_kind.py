"""The import of orders."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from crm import selectors
from crm.models import Product
from crm.rules.choices import ProductNature
from crm.services import erased_ids, product_rules
from crm.services.imports.columns import Fields
from crm.services.imports.hashed_ids import IdMap
from crm.services.imports.importer import Given, Importer, ids_of
from crm.services.imports.loading import Loader
from crm.services.imports.order_loading import OrderLoader
from crm.services.imports.order_settings import OrderSettings
from crm.services.imports.orders import FIELDS, OrderCheck
from crm.services.imports.precheck import Groups
from crm.services.imports.reading import Columns
from crm.services.imports.running import Check, Options
from crm.sql import history_import, order_import


def _fields() -> Fields:
    return FIELDS


def _orders(options: Options, columns: Columns) -> Groups:
    at = columns.positions
    buyers = [at[name] for name in ("customer_id", "email") if name in at]
    return Groups(at["order_id"], len(columns.header), buyers)


def _check(given: Given) -> Check:
    options, named = given.options, given.parts.names_addresses
    known = OrderSettings(
        now=given.now,
        zone=given.zone,
        shop_zone=given.shop_zone,
        currency=given.business.currency,
        rules=selectors.product_rules(options.source, also=options.rules),
        natures=_natures(options.source),
        customers=_known_customers(options.source),
        addresses=ids_of(history_import.ADDRESSES) if named else IdMap(),
        erased=erased_ids.of_source(options.source, given.shop_zone),
        torn=given.parts.torn(given.folder),
        create_customers=options.create_customers,
        cells=options.cells,
    )
    return OrderCheck(given.parts, known)


def _loader(given: Given) -> Loader:
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
    return ids_of(order_import.known_customers(source))


ORDERS = Importer(
    "orders",
    _("Orders"),
    _fields,
    _check,
    _loader,
    groups=_orders,
    begin=_switch_on_rules,
    can_be_undone=True,
)
