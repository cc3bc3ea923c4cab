"""The mails of conversations as they go out."""

from collections.abc import Sequence

from django.utils.html import format_html, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from crm import selectors as crm_selectors
from crm.models import Business
from messaging.kinds import AttachedFile, Letter
from messaging.models import Message
from support.models import Mail, Mailbox
from support.selectors import threads
from support.services import addresses, confirming, storage


def of_messages(messages: Sequence[Message]) -> dict[int, Letter]:
    """Message id to the mail that it carries; without those whose mail is gone."""
    wanted = {threads.mail_id_of(message) for message in messages}
    mails = {
        mail.pk: mail
        for mail in Mail.objects.filter(pk__in=wanted)
        .select_related("conversation__mailbox")
        .prefetch_related("files")
    }
    shop = crm_selectors.business()
    letters = {pk: _letter(mail, shop) for pk, mail in mails.items()}
    return {
        message.pk: letters[threads.mail_id_of(message)]
        for message in messages
        if threads.mail_id_of(message) in letters
    }


def _letter(mail: Mail, shop: Business) -> Letter:
    mailbox = mail.conversation.mailbox
    return Letter(
        subject=mail.subject,
        text="\n\n".join(filter(None, (mail.text, mail.quoted))) + "\n",
        html=as_html(mail.text, mail.quoted),
        sender=mail.from_address,
        sender_name=mail.from_name,
        message_id=f"<{mail.message_id}>",
        to=tuple((one[0], one[1]) for one in mail.to),
        cc=tuple((one[0], one[1]) for one in mail.cc),
        reply_to=(
            addresses.reply_address(mailbox, mail.conversation)
            if mailbox
            else shop.reply_to
        ),
        references=tuple(f"<{one}>" for one in reversed(mail.references)),
        files=tuple(
            AttachedFile(file.name, file.content_type, storage.read(file.key))
            for file in mail.files.all()
        ),
        is_automatic=mail.is_automatic,
    )


def of_tests(messages: Sequence[Message]) -> dict[int, Letter]:
    """Message id to the mail that a mailbox writes to itself."""
    ids = {confirming.mailbox_id_of(message) for message in messages}
    rows = Mailbox.objects.select_related("sending").in_bulk(ids)
    return {
        message.pk: _test(rows[confirming.mailbox_id_of(message)], message)
        for message in messages
        if confirming.mailbox_id_of(message) in rows
    }


def _test(mailbox: Mailbox, message: Message) -> Letter:
    words = gettext(
        "This mail shows that what is written from %(address)s arrives. Perennial has"
        " read it; you need not do anything."
    )
    domain = mailbox.address.rpartition("@")[2]
    return Letter(
        subject=gettext("Test of the mailbox %(name)s") % {"name": mailbox.name}
        + f" [{confirming.signature_of(mailbox)}]",
        text=words % {"address": mailbox.address} + "\n",
        html="",
        sender=mailbox.address,
        sender_name=mailbox.name,
        message_id=f"<{message.message_uuid}@{domain}>",
        to=((mailbox.name, mailbox.address),),
        is_automatic=True,
    )


def as_html(text: str, quoted: str) -> str:
    """Paragraphs in the direction of their own words, links to press, the quotation
    apart; nothing else."""
    body = _paragraphs(text)
    if quoted:
        body += format_html(
            '<blockquote type="cite">{}</blockquote>', _paragraphs(_unmarked(quoted))
        )
    return f'<!DOCTYPE html><html><body dir="auto">{body}</body></html>'


def _paragraphs(text: str) -> SafeString:
    parts = [part.strip("\n") for part in text.split("\n\n")]
    return mark_safe(  # noqa: S308 - each part is escaped
        "".join(f'<p dir="auto">{_linked(part)}</p>' for part in parts if part.strip())
    )


def _linked(part: str) -> str:
    return urlize(part, autoescape=True).replace("\n", "<br>\n")


def _unmarked(quoted: str) -> str:
    """The quotation without its first level of marks: the HTML indents it."""
    return "\n".join(
        line.removeprefix(">").removeprefix(" ") for line in quoted.splitlines()
    )
