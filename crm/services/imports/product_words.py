"""Words about rows of a list of products; see reasons.py."""

from django.utils.translation import gettext_lazy

WHOLE = {
    "sku_twice": gettext_lazy("The same product code stands earlier in the file."),
    "price_of_other_currency": gettext_lazy(
        "The sign beside the price is that of another currency than the row's."
    ),
}
ENDINGS = {
    "month_invalid": gettext_lazy("names no months: write 11-2, Nov-Feb or 11, 12, 1."),
}
COLUMNS = {
    "link": gettext_lazy("The page in the shop"),
    "picture": gettext_lazy("The address of the picture"),
    "available": gettext_lazy("Whether it can be ordered"),
    "listed": gettext_lazy("Whether it is shown"),
    "discontinued": gettext_lazy("Whether it is sold no more"),
    "sells_without_stock": gettext_lazy("Whether it can be ordered without stock"),
    "stock": gettext_lazy("The number in stock"),
    "season": gettext_lazy("The season"),
    "days_of_supply": gettext_lazy("The days that one lasts"),
    "tax_percent": gettext_lazy("The tax in the price"),
    "gift_card": gettext_lazy("Whether it is a gift card"),
}
