"""The panel of the customer page that shows the series of mails they are in."""

from django.utils.translation import gettext_lazy

from crm.access import Capability
from crm.models import Customer
from crm.page_parts import CustomerPanel
from crm.request_context import RequestContext
from messaging.selectors.series import series_of


def _panel(context: RequestContext, customer: Customer) -> list[str] | None:
    return series_of(customer, now=context.now) or None


PARTS = (
    CustomerPanel(
        name="series",
        order=27,
        capability=Capability.SEE_MESSAGES,
        label=gettext_lazy("Series of mails"),
        template="messaging/_series.html",
        read=_panel,
    ),
)
