"""The import of products."""

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from crm import selectors
from crm.services.imports.importer import Given, Importer
from crm.services.imports.loading import Loader
from crm.services.imports.product_check import FIELDS, ProductCheck, ProductSettings
from crm.services.imports.product_loading import ProductLoader
from crm.services.imports.running import Check


def _check(given: Given) -> Check:
    options = given.options
    known = ProductSettings(
        currency=options.cells.defaults.get("currency") or given.business.currency,
        rules=selectors.product_rules(options.source, also=options.rules),
        cells=options.cells,
    )
    return ProductCheck(given.parts, known)


def _loader(given: Given) -> Loader:
    return ProductLoader(source=given.options.source, now=given.now)


_LABELS = {
    "sku": _("Product code"),
    "name": _("Product name"),
    "category": _("Category"),
    "categories": _("Categories, of which the first counts"),
    "price": _("Price of one"),
    "currency": _("Currency"),
    "link": _("Page in the shop"),
    "picture": _("Address of a picture"),
    "pictures": _("Addresses of pictures, of which the first counts"),
    "available": _("Can be ordered: yes or no"),
    "listed": _("Is shown in the shop: yes or no"),
    "discontinued": _("Is sold no more: yes or no"),
    "stock": _("Number in stock"),
    "stock_counted": _("Filled where the stock is counted"),
    "sells_without_stock": _("Can be ordered without stock"),
    "season": _("Months in which it is wanted"),
    "days_of_supply": _("Days that one lasts"),
    "tax_percent": _("Tax that the price contains, in percent"),
    "gift_card": _("Is a gift card: yes or no"),
    "family": _("What rows of one product have in common"),
    "row_id": _("Number of the row"),
    "parent": _("Of which product it is a variant"),
    "option_1": _("Variant: first option"),
    "option_2": _("Variant: second option"),
    "option_3": _("Variant: third option"),
}
PRODUCTS = Importer(
    "products",
    _("Products"),
    lambda: FIELDS,
    _check,
    _loader,
    labels=_LABELS,
    can_be_undone=True,
    signs=frozenset({"sku", "price"}),
    page=reverse_lazy("admin:crm_product_changelist"),
    page_label=_("See the products"),
)
