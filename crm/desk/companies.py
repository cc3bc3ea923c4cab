"""Companies in the menu, and those of a customer beside the timeline."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from crm import company_pages
from crm.access import Capability
from crm.models import Company, CompanyPerson, Customer
from crm.page_parts import CustomerPanel, MenuLine
from crm.request_context import RequestContext


@dataclass(frozen=True)
class CompaniesPanel:
    """What the panel shows; `offered`: companies that they may belong to."""

    links: list[CompanyPerson]
    offered: list[Company]


def _companies(context: RequestContext, customer: Customer) -> CompaniesPanel:
    links = CompanyPerson.objects.filter(customer=customer).select_related("company")
    offered = company_pages.offered_to(customer) if context.edits_customers else []
    return CompaniesPanel(list(links.order_by("pk")), offered)


PARTS = (
    MenuLine(
        name="companies",
        order=21,
        capability=Capability.SEE_CUSTOMERS,
        label=gettext_lazy("Companies"),
        icon="people",
        url_name="crm:company-list",
        group="work",
    ),
    CustomerPanel(
        name="companies",
        order=13,
        label=gettext_lazy("Companies"),
        template="crm/_companies.html",
        read=_companies,
    ),
)
