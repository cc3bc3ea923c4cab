"""The kinds of import that there are, and options that no file makes sense of."""

from django.conf import settings

from crm.errors import FileUnusable
from crm.rules import dates
from crm.services.imports.customer_kind import CUSTOMERS
from crm.services.imports.history_kind import HISTORY
from crm.services.imports.importer import Importer
from crm.services.imports.order_kind import ORDERS
from crm.services.imports.product_kind import PRODUCTS
from crm.services.imports.running import Options
from crm.services.imports.subscription_kind import SUBSCRIPTIONS
from crm.services.imports.values.asked import check_rules
from web.errors import InvalidValue
from web.rules import text

# Of a ground and of the source of a consent.
_MOST_WORDS = 300


_KINDS = (CUSTOMERS, ORDERS, PRODUCTS, HISTORY, SUBSCRIPTIONS)
KINDS = {kind.name: kind for kind in _KINDS}


def refuse_options(kind: Importer, options: Options) -> None:
    """Raises FileUnusable for options that make no sense."""
    kind.refuse(options)
    if options.time_zone and not dates.is_zone(options.time_zone):
        raise FileUnusable(f"There is no time zone {options.time_zone!r}.")
    try:
        source = text.one_line(options.source, field="source", most=40)
    except InvalidValue:
        source = ""
    languages = {code for code, _ in settings.LANGUAGES}
    check_rules(options.cells, languages, others=kind.defaults)
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


def register(importer: Importer) -> None:
    """A kind that an app above brings, from its `import_fields.py`."""
    if importer.name in KINDS:
        raise ValueError(f"The import {importer.name!r} is declared twice.")
    KINDS[importer.name] = importer
