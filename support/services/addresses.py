"""Reply addresses with a signed tag: made and read."""

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from messaging.models import Message
from support.models import Conversation, Mailbox
from support.rules import addresses

_SALT = "support.reply-address"


def reply_address(mailbox: Mailbox, conversation: Conversation) -> str:
    """Answers to it find the conversation even where a program drops all headers. The
    bare address where its server is not known to take one with a tag: mail to it would
    come back."""
    if mailbox.tags_seen_at is None:
        return mailbox.address
    return addresses.with_tag(
        mailbox.address, addresses.CONVERSATION, conversation.pk, _sign
    )


def address_to_try(mailbox: Mailbox, number: int) -> str:
    """One with a tag, to see whether mail to it arrives. `number` is that of no
    conversation, and another each time: one that came back gets no mail any more."""
    return addresses.with_tag(mailbox.address, addresses.CONVERSATION, number, _sign)


def answers_to(conversation: Conversation) -> str | None:
    """The same at the mailbox that is read: its own, else that of its language. None
    without one: a conversation may be older than the first mailbox."""
    mailbox = conversation.mailbox
    if mailbox is None or not mailbox.is_on:
        mailbox = mailbox_for(conversation.language)
    return reply_address(mailbox, conversation) if mailbox else None


def message_address(mailbox: Mailbox, message_id: int) -> str:
    """The same for an answer to a message of the pipeline."""
    if mailbox.tags_seen_at is None:
        return mailbox.address
    return addresses.with_tag(mailbox.address, addresses.MESSAGE, message_id, _sign)


def person_tag(customer_id: int) -> str:
    """Names a customer in the address of the contact form; without an end, as the links
    to stop are."""
    return addresses.tag(addresses.PERSON, customer_id, _sign)


def person_of(tag: str) -> int | None:
    """The customer id of a tag that we signed; None for any other."""
    found = addresses.tag_of(f"+{tag}@", _is_signed)
    return found[1] if found and found[0] == addresses.PERSON else None


def mailbox_for(language: str) -> Mailbox | None:
    """The mailbox of this language, else the oldest; None without one that is read."""
    mailboxes = list(Mailbox.objects.filter(is_on=True).order_by("pk"))
    own = (one for one in mailboxes if one.language == language)
    return next(own, mailboxes[0] if mailboxes else None)


def of_messages(messages: Sequence[Message]) -> dict[int, str]:
    """Message id to the address at which an answer to it becomes a conversation, for
    mails to customers: at the mailbox of their language, else the oldest. None without
    a mailbox that is read and in which its test mail arrived."""
    read = Mailbox.objects.filter(is_on=True, confirmed_at__isnull=False)
    mailboxes = list(read.order_by("pk"))
    if not mailboxes:
        return {}
    by_language = {one.language: one for one in reversed(mailboxes)}
    return {
        message.pk: message_address(
            by_language.get(message.language, mailboxes[0]), message.pk
        )
        for message in messages
        if message.customer_id is not None
    }


def named(delivered_to: Iterable[str]) -> tuple[str, int] | None:
    """The letter and number of the first tag among them that we signed."""
    for address in delivered_to:
        if found := addresses.tag_of(address, _is_signed):
            return found
    return None


def _sign(text: str, key: str | None = None) -> str:
    return salted_hmac(_SALT, text, secret=key, algorithm="sha256").hexdigest()


def _is_signed(text: str, signature: str) -> bool:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(
        constant_time_compare(_sign(text, key)[: addresses.SIGNATURE_LENGTH], signature)
        for key in keys
    )
