"""Who a mail is from, how to stop it, and that a machine wrote it."""

from datetime import datetime
from urllib.parse import urlsplit

from crm.models import Business
from crm.rules import names
from messaging.kinds import Letter
from messaging.models import Message
from messaging.rendering import MailUrls, Rendered
from messaging.rules.choices import Category, OnUncertain
from messaging.transports.base import Mail


def addressed(
    message: Message,
    rendered: Rendered,
    *,
    urls: MailUrls,
    business: Business,
    reply_to: str,
    now: datetime,
) -> Mail:
    """The mail with sender, recipient and the headers to stop (RFC 8058)."""
    category = Category(message.category)
    sender = sender_of(category, business)
    return Mail(
        to=message.email,
        to_name=_name_of(message),
        sender=sender,
        sender_name=business.from_name,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        # The id of the row, never of the try: a second copy is known as the same mail.
        message_id=f"<{message.message_uuid}@{sender.rpartition('@')[2]}>",
        uuid=str(message.message_uuid),
        date=now,
        headers=tuple(_headers(message, urls, business, reply_to)),
    )


def of_letter(message: Message, letter: Letter, *, now: datetime) -> Mail:
    """A mail that a person wrote, as it goes to this recipient."""
    headers: list[tuple[str, str]] = []
    if letter.is_automatic:
        headers.append(("Auto-Submitted", "auto-replied"))
    if letter.reply_to:
        headers.append(("Reply-To", letter.reply_to))
    if letter.references:
        headers.append(("In-Reply-To", letter.references[-1]))
        headers.append(("References", " ".join(letter.references)))
    return Mail(
        to=message.email,
        to_name=_name_of(message),
        sender=letter.sender,
        sender_name=letter.sender_name,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        message_id=letter.message_id,
        uuid=str(message.message_uuid),
        date=now,
        headers=tuple(headers),
        to_all=letter.to,
        cc=letter.cc,
        files=letter.files,
    )


def _name_of(message: Message) -> str:
    customer = message.customer
    if customer is not None:
        return names.mail_name(customer.given_name, customer.family_name)
    return message.user.name if message.user else ""


def sender_of(category: Category, business: Business) -> str:
    """One sender per class of mail, so that one class cannot spoil another's name."""
    return {
        Category.TRANSACTIONAL: business.from_transactional,
        Category.SURVEY: business.from_survey,
        Category.LOYALTY: business.from_loyalty,
        Category.MARKETING: business.from_marketing,
        Category.BIRTHDAY: business.from_loyalty,
    }[category]


def _headers(
    message: Message, urls: MailUrls, business: Business, reply_to: str
) -> list[tuple[str, str]]:
    category = Category(message.category)
    headers = [("Auto-Submitted", "auto-generated")]
    if reply_to:
        headers.append(("Reply-To", reply_to))
    if message.on_uncertain == OnUncertain.RESEND.value:
        # Relays that know it drop a second copy.
        headers.append(("Resend-Idempotency-Key", str(message.message_uuid)))
    if category is not Category.TRANSACTIONAL:
        host = urlsplit(business.public_url).hostname or "localhost"
        headers += [
            ("List-Unsubscribe", f"<{urls.stop}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
            ("List-Id", f"<{category.value}.{host}>"),
            ("Precedence", "bulk"),
        ]
    return headers
