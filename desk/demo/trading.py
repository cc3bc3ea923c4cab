"""Companies that buy there, and a record that looks like another one."""

from datetime import datetime, timedelta

from crm.models import Customer
from crm.services import companies, customers, duplicates
from desk.demo.people import COMPANIES

_OWNED = ("Oduya Catering", "oduya-catering.example", "KL-00006", "Owner")
_SAME = "KL-00004"


def trade(*, now: datetime) -> None:
    """Whoever named a company belongs to it; one customer has come a second time."""
    began = now - timedelta(days=200)
    name, domain, external_id, role = _OWNED
    found = Customer.objects.filter(external_id=external_id).first()
    if found is not None:
        company = companies.create_company(name=name, domain=domain, now=began)
        companies.link(company, found, role=role, now=began)
    for name, domain in COMPANIES.items():
        people = Customer.objects.live().filter(organisation=name)
        if not people:
            continue
        company = companies.create_company(name=name, domain=domain, now=began)
        for customer in people.order_by("external_id"):
            companies.link(company, customer, now=began)
    _come_again(now=now)


def _come_again(*, now: datetime) -> None:
    """Under a new address, with the telephone of before."""
    known = Customer.objects.filter(external_id=_SAME).first()
    if known is not None:
        customers.create_customer(
            given_name=known.given_name,
            family_name=known.family_name,
            email="priya@raman-family.example",
            phone=known.phone_text,
            country=known.country,
            language=known.language,
            time_zone=known.time_zone,
            now=now - timedelta(days=3),
        )
    duplicates.refresh(now=now)
