"""The import of the contact history."""

from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.services.imports.history import FIELDS, HistoryCheck, HistorySettings
from crm.services.imports.history_loading import HistoryLoader
from crm.services.imports.importer import Given, Importer, ids_of
from crm.services.imports.loading import Loader
from crm.services.imports.running import Check
from crm.sql import history_import


def _check(given: Given) -> Check:
    known = HistorySettings(
        source=given.options.source,
        now=given.now,
        zone=given.zone,
        shop_zone=given.shop_zone,
        customers=ids_of(history_import.customers(given.options.source)),
        addresses=ids_of(history_import.ADDRESSES),
        cells=given.options.cells,
        staff=dict(User.objects.values_list("email", "pk")),
    )
    return HistoryCheck(given.parts, known)


def _loader(given: Given) -> Loader:
    return HistoryLoader(source=given.options.source, now=given.now)


_LABELS = {
    "contact_id": _("Number of the contact"),
    "customer_id": _("Customer: number or address"),
    "happened_at": _("Day and time"),
    "channel": _("Call, visit, mail, chat, social post or note"),
    "direction": _("From whom to whom"),
    "colleague": _("By whom"),
    "subject": _("Subject"),
    "body": _("Text"),
    "outcome": _("Outcome"),
}


HISTORY = Importer(
    "history",
    _("Calls, visits, mails and notes"),
    lambda: FIELDS,
    _check,
    _loader,
    labels=_LABELS,
    can_be_undone=True,
    signs=frozenset({"happened_at", "body"}),
)
