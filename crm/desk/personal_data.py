"""Ways from the customer page to what is known of a person, and to their erasure."""

from django.urls import reverse
from django.utils.translation import gettext_lazy

from crm.access import Capability
from crm.models import Customer
from crm.page_parts import CustomerAction


def _known_url(customer: Customer) -> str:
    return reverse("crm:personal-data", args=[customer.pk])


def _erase_url(customer: Customer) -> str:
    return reverse("crm:customer-erase", args=[customer.pk])


PARTS = (
    CustomerAction(
        name="personal_data",
        order=91,
        capability=Capability.EXPORT_PERSONAL_DATA,
        label=gettext_lazy("What we know of them"),
        icon="download",
        url=_known_url,
        in_menu=True,
    ),
    CustomerAction(
        name="erase",
        order=92,
        capability=Capability.ERASE_CUSTOMERS,
        label=gettext_lazy("Erase"),
        icon="bin",
        url=_erase_url,
        in_menu=True,
    ),
)
