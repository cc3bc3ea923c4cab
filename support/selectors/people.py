"""Whose address is it?"""

from collections.abc import Collection, Iterable

from django.db.models.functions import Lower

from crm import selectors as crm_selectors
from crm.access import Capability
from crm.models import Business, Customer, User
from crm.rules import names
from support.models import Mailbox
from support.rules import addresses

# More records with one address than this are no one person.
_MOST = 20


def customers_at(emails: Collection[str]) -> list[Customer]:
    """The live records that one of these addresses belongs to."""
    norms = {names.normalise_email(email) for email in emails} - {""}
    rows = Customer.objects.live().filter(pk__in=crm_selectors.records_at(norms))
    return list(rows.order_by("pk")[:_MOST])


def readers() -> list[User]:
    """Anyone who reads conversations, by name."""
    return _who_may(Capability.SEE_CONVERSATIONS)


def colleagues() -> list[User]:
    """Whom a conversation can be given to, by name."""
    return _who_may(Capability.REPLY)


def _who_may(capability: Capability) -> list[User]:
    rows = User.objects.filter(is_active=True).order_by("name", "pk")
    return [user for user in rows if user.can(capability)]


def live_record(customer: Customer | None) -> Customer | None:
    """The record itself, or the one it was merged into; None for an erased one."""
    while customer is not None and customer.merged_into is not None:
        customer = customer.merged_into
    return customer if customer is not None and customer.is_live else None


def our_addresses(business: Business) -> frozenset[str]:
    """The addresses that we write from, as crm compares them."""
    ours = {
        business.from_transactional,
        business.from_survey,
        business.from_loyalty,
        business.from_marketing,
        business.reply_to,
        *Mailbox.objects.values_list("address", flat=True),
    }
    return frozenset(names.normalise_email(email) for email in ours if email)


def mailbox_at(email: str) -> Mailbox | None:
    """The mailbox of this address, with or without a tag."""
    bare = addresses.without_tag(email)
    return Mailbox.objects.filter(address__iexact=bare).first() if bare else None


def mailbox_among(emails: Iterable[str]) -> Mailbox | None:
    """The mailbox of the first of these addresses that has one."""
    bare = [addresses.without_tag(email).lower() for email in emails]
    rows = Mailbox.objects.annotate(at=Lower("address")).filter(at__in=set(bare))
    found = {vars(row)["at"]: row for row in rows}
    return next((found[email] for email in bare if email in found), None)


def is_ours(email: str, ours: frozenset[str]) -> bool:
    """Whether it is one of our addresses, with or without a tag."""
    return names.normalise_email(addresses.without_tag(email)) in ours
