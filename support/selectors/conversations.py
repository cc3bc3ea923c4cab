"""One conversation with its mails, and whose it may be."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Upper

from crm import selectors as crm_selectors
from crm.models import CompanyPerson, Customer, Order
from crm.rules import names
from support.models import BlockedSender, Conversation, Mail, MailFile
from support.rules import checks, pictures, quoting
from support.selectors import people, threads
from support.selectors.threads import Journey

# What may be the number of an order: some digits in a word of a mail.
_NUMBER = re.compile(r"#?\b([A-Za-z]{0,5}-?[A-Za-z]?-?\d{3,20}(?:-\d{1,20})?)\b")
_MOST_NUMBERS = 20
_MOST_LIKELY = 6


@dataclass(frozen=True)
class ShownPiece:
    """Text, or a picture that stands in it, with what it shows."""

    text: str
    picture: MailFile | None
    alt: str


@dataclass(frozen=True)
class ShownMail:
    """A mail with what it says apart from what it quotes."""

    mail: Mail
    own: Sequence[ShownPiece]
    quoted: str
    files: QuerySet[MailFile]
    # Who writes is neither the customer nor we.
    is_third: bool
    # What a check of the sender found wrong, such as "spf".
    failed: Sequence[str]
    # What became of it, where it was written here.
    journey: Journey | None


def shown_mails(conversation: Conversation, *, now: datetime) -> list[ShownMail]:
    """The mails of a conversation, oldest first."""
    found = conversation.mails.select_related("author").order_by("at", "id")
    found = found.defer("search_text")
    files = Prefetch("files", MailFile.objects.order_by("pk"))
    mails = list(found.prefetch_related(files))
    journeys = threads.journeys(mails, now=now)
    known = _addresses_of(conversation)
    return [_shown(mail, known, journeys.get(mail.pk)) for mail in mails]


def _addresses_of(conversation: Conversation) -> Collection[str]:
    """Of whom it is with, as crm compares them."""
    customer = conversation.customer
    theirs = crm_selectors.emails_of(customer) if customer is not None else []
    return {conversation.address, *theirs}


def _shown(mail: Mail, known: Collection[str], journey: Journey | None) -> ShownMail:
    is_written_here = mail.author_id is not None
    own, quoted = (
        (mail.text, mail.quoted) if is_written_here else quoting.folded(mail.text)
    )
    sender = names.normalise_email(mail.from_address)
    return ShownMail(
        mail=mail,
        own=_pieces(mail, own),
        quoted=quoted,
        files=mail.files.all(),
        is_third=not mail.is_ours and sender not in known,
        journey=journey,
        failed=checks.bad(mail.auth),
    )


def _pieces(mail: Mail, own: str) -> list[ShownPiece]:
    files = {file.name: file for file in mail.files.all() if file.content_id}
    shown = files if mail.author_id is not None else {}
    return [
        ShownPiece(piece.text.strip("\n"), shown.get(piece.name), piece.alt)
        for piece in pictures.pieces(own, shown)
        if piece.name or piece.text.strip()
    ]


@dataclass(frozen=True)
class Likely:
    """A record that a conversation may belong to; `why` is a word of ours."""

    customer: Customer
    why: str


def likely_people(conversation: Conversation) -> list[Likely]:
    """Who may have written: by address, by an order number in the text, by name, by
    the company whose domain it is."""
    mails = list(conversation.mails.order_by("at", "id")[:5])
    found: dict[int, Likely] = {}
    for customer in people.customers_at([conversation.address]):
        found.setdefault(customer.pk, Likely(customer, "address"))
    text = " ".join(f"{mail.subject} {mail.text[:5_000]}" for mail in mails)
    for customer in _of_orders(text):
        found.setdefault(customer.pk, Likely(customer, "order"))
    for customer in _of_name(mails):
        found.setdefault(customer.pk, Likely(customer, "name"))
    for customer in _of_company(conversation.address):
        found.setdefault(customer.pk, Likely(customer, "company"))
    return list(found.values())[:_MOST_LIKELY]


def _of_orders(text: str) -> list[Customer]:
    numbers = {number.upper() for number in _NUMBER.findall(text)[:_MOST_NUMBERS]}
    if not numbers:
        return []
    orders = Order.objects.annotate(upper=Upper("number")).filter(upper__in=numbers)
    rows = Customer.objects.live().filter(pk__in=orders.values("customer_id"))
    return list(rows.order_by("pk")[:_MOST_LIKELY])


def _of_name(mails: Sequence[Mail]) -> list[Customer]:
    written = next((mail.from_name for mail in mails if not mail.is_ours), "")
    key = names.sort_name(*names.split_name(written)) if written else ""
    if not key:
        return []
    rows = Customer.objects.live().filter(sort_name=key)
    return list(rows.order_by("pk")[:_MOST_LIKELY])


def _of_company(address: str) -> list[Customer]:
    """Who belongs to a company of this domain, or of one above it."""
    labels = address.rpartition("@")[2].split(".")
    domains = [".".join(labels[at:]) for at in range(len(labels) - 1)]
    links = CompanyPerson.objects.filter(company__domain__in=domains)
    rows = Customer.objects.live().filter(pk__in=links.values("customer_id"))
    return list(rows.order_by("pk")[:_MOST_LIKELY])


def others_of(conversation: Conversation) -> list[Conversation]:
    """The customer's other conversations, newest first; a few."""
    if conversation.customer_id is None:
        return []
    rows = Conversation.objects.filter(
        customer_id=conversation.customer_id, joined_into=None
    )
    return list(rows.exclude(pk=conversation.pk).order_by("-last_mail_at")[:5])


def joinable_to(conversation: Conversation) -> list[Conversation]:
    """Others of the same customer, or of the same address where nobody is known."""
    if conversation.customer_id is not None:
        same = Q(customer_id=conversation.customer_id)
    else:
        same = Q(customer=None, address=conversation.address) & ~Q(address="")
    rows = Conversation.objects.filter(
        same, joined_into=None, side_of=conversation.side_of_id
    )
    return list(rows.exclude(pk=conversation.pk).order_by("-last_mail_at")[:20])


def last_orders(conversation: Conversation) -> list[Order]:
    """The customer's last orders; a few."""
    if conversation.customer_id is None:
        return []
    rows = Order.objects.filter(customer_id=conversation.customer_id)
    return list(rows.order_by("-ordered_on", "-pk")[:3])


def is_blocked(conversation: Conversation) -> bool:
    """Whether what its sender writes is closed at once."""
    return BlockedSender.objects.filter(address=conversation.address).exists()
