"""What customers write in the contact form becomes a mail, and is received as one.

The same form sent twice gives the same bytes, so that it is stored once. Anyone who
follows a link of ours is known by its signed tag; an address that is only typed proves
nothing, and is joined to no record.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import lru_cache

from django.core import signing
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.translation import gettext

from crm import selectors as crm_selectors
from crm.models import Customer
from crm.services import attempts
from crm.services.attempts import Limit
from support.errors import FormTooFast, FormTooOld
from support.models import RawMail
from support.rules.choices import MailSource
from support.selectors import people
from support.services import addresses, receiving
from web import uploads

# Nobody reads, types and sends in less.
LEAST = timedelta(seconds=3)
# As long as somebody may leave the page open.
MOST = timedelta(days=2)
FILE_MOST = uploads.CONTACT_FILE_MAX_BYTES
_PER_PERSON = Limit("contact form person", 5, timedelta(hours=1))
_PER_NETWORK = Limit("contact form network", 20, timedelta(hours=1))
_SALT = "support.contact-form"
_SUBJECT_MOST = 60
_NOWHERE = "contact@localhost.invalid"
# In the place of the tag of a customer.
_TAG = "tag-of-a-customer"


@dataclass(frozen=True)
class Written:
    """What somebody typed. `ticket`: of the page that they typed it in."""

    ticket: str
    name: str
    email: str
    order_number: str
    text: str
    language: str
    file_name: str = ""
    file: bytes = b""


def path_of(customer_id: int | None) -> str:
    """The address of the form that knows this customer; everybody's for None."""
    if customer_id is None:
        return reverse("support:contact")
    return _known_form().replace(_TAG, addresses.person_tag(customer_id))


@lru_cache(maxsize=1)
def _known_form() -> str:
    """Looked up once: every mail has this address."""
    return reverse("support:contact-known", args=[_TAG])


def customer_of(token: str) -> Customer | None:
    """Whom the link names: the record as it lives now, if it has an address."""
    number = addresses.person_of(token)
    found = Customer.objects.filter(pk=number).first() if number else None
    live = people.live_record(found)
    return live if live is not None and live.email else None


def new_ticket(now: datetime) -> str:
    """Says when a page was shown, and makes what is sent from it one thing."""
    return signing.dumps([int(now.timestamp()), get_random_string(20)], salt=_SALT)


def send(
    written: Written, *, customer: Customer | None, network: str, now: datetime
) -> RawMail:
    """Keep what was written and make it a conversation. Twice is once.

    Raises FormTooFast, FormTooOld and TooManyAttempts.
    """
    shown_at, nonce = _ticket(written.ticket, now)
    content = _mail(written, customer, shown_at, nonce)
    known = receiving.known(content)
    if known is not None:
        return known
    who = f"customer {customer.pk}" if customer else written.email.lower()
    attempts.take(_PER_PERSON, who, now=now)
    attempts.take(_PER_NETWORK, network, now=now)
    mailbox = addresses.mailbox_for(written.language)
    return receiving.receive(content, source=MailSource.FORM, mailbox=mailbox, now=now)


def _ticket(ticket: str, now: datetime) -> tuple[datetime, str]:
    try:
        seconds, nonce = signing.loads(ticket, salt=_SALT)
    except signing.BadSignature:
        raise FormTooOld from None
    shown_at = datetime.fromtimestamp(seconds, UTC)
    if now > shown_at + MOST:
        raise FormTooOld
    if now < shown_at + LEAST:
        raise FormTooFast
    return shown_at, str(nonce)


def _mail(
    written: Written, customer: Customer | None, shown_at: datetime, nonce: str
) -> bytes:
    """The bytes of the mail; the same for the same form."""
    mail = EmailMessage()
    name = customer.full_name if customer else written.name
    email = customer.email if customer else written.email
    mail["From"] = Address(display_name=name, addr_spec=email)
    mail["To"] = _recipient(customer, written.language)
    mail["Subject"] = _subject(written.text)
    mail["Date"] = format_datetime(shown_at)
    mail["Message-ID"] = mail["References"] = f"<{nonce}@contact-form.invalid>"
    mail.set_content(_text(written))
    if written.file:
        mail.add_attachment(
            written.file,
            maintype="application",
            subtype="octet-stream",
            filename=written.file_name,
        )
        mail.set_boundary(f"part-{nonce}")
    mail["Content-Language"] = written.language
    return mail.as_bytes()


def _recipient(customer: Customer | None, language: str) -> str:
    mailbox = addresses.mailbox_for(language)
    shop = crm_selectors.business()
    ours = mailbox.address if mailbox else shop.from_transactional or _NOWHERE
    if customer is None:
        return ours
    local, _, domain = ours.rpartition("@")
    return f"{local}+{addresses.person_tag(customer.pk)}@{domain}"


def _subject(text: str) -> str:
    """The first words, which say more than the name of the form."""
    words = re.sub(r"\s+", " ", text).strip()
    return words if len(words) <= _SUBJECT_MOST else f"{words[: _SUBJECT_MOST - 1]}…"


def _text(written: Written) -> str:
    if not written.order_number:
        return written.text
    label = gettext("Order number: %(number)s") % {"number": written.order_number}
    return f"{label}\n\n{written.text}"
