"""The mails of conversations as they go out."""

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.utils.html import format_html, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from crm import selectors as crm_selectors
from crm.models import Business
from messaging.kinds import AttachedFile, Letter
from messaging.models import Message
from support.models import Mail, Mailbox
from support.rules import pictures
from support.selectors import threads
from support.services import addresses, confirming, quotations, storage
from web.formats import bcp47

_NONE: Mapping[str, str] = {}


def of_messages(messages: Sequence[Message]) -> dict[int, Letter]:
    """Message id to the mail that it carries; without those whose mail is gone."""
    wanted = {threads.mail_id_of(message) for message in messages}
    mails = {
        mail.pk: mail
        for mail in Mail.objects.filter(pk__in=wanted)
        .select_related("conversation__mailbox", "conversation__customer")
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
    cids = {file.name: file.content_id for file in mail.files.all() if file.content_id}
    words = pictures.in_words(mail.text, cids)
    return Letter(
        subject=mail.subject,
        text="\n\n".join(filter(None, (words, mail.quoted))) + "\n",
        html=as_html(mail.text, mail.quoted, _language(mail), cids),
        sender=mail.from_address,
        sender_name=mail.from_name,
        message_id=f"<{mail.message_id}>",
        to=tuple((one[0], one[1]) for one in mail.to),
        cc=tuple((one[0], one[1]) for one in mail.cc),
        reply_to=addresses.answers_to(mail.conversation) or shop.reply_to,
        references=tuple(f"<{one}>" for one in reversed(mail.references)),
        files=tuple(
            AttachedFile(
                file.name, file.content_type, storage.read(file.key), file.content_id
            )
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
        to=((mailbox.name, message.address or mailbox.address),),
        is_automatic=True,
    )


def _language(mail: Mail) -> str:
    conversation = mail.conversation
    return quotations.language_of(conversation.language, conversation.customer)


def as_html(
    text: str, quoted: str, language: str, cids: Mapping[str, str] = _NONE
) -> str:
    """Paragraphs in the direction of their own words, links to press, pictures by their
    names (`cids`: to the id of their part), the quotation apart; nothing else."""
    body = _paragraphs(text, cids)
    if quoted:
        body += format_html(
            '<blockquote type="cite">{}</blockquote>',
            _paragraphs(_unmarked(quoted), _NONE),
        )
    return format_html(
        '<!DOCTYPE html><html lang="{}" dir="{}"><body>{}</body></html>',
        bcp47(language),
        "rtl" if language in settings.LANGUAGES_BIDI else "ltr",
        mark_safe(body),  # noqa: S308 - made of escaped parts
    )


def _paragraphs(text: str, cids: Mapping[str, str]) -> SafeString:
    parts = [part.strip("\n") for part in text.split("\n\n")]
    return mark_safe(  # noqa: S308 - each part is escaped
        "".join(
            f'<p dir="auto">{_part(part, cids)}</p>' for part in parts if part.strip()
        )
    )


def _part(part: str, cids: Mapping[str, str]) -> str:
    return "".join(
        _picture(piece, cids[piece.name]) if piece.name else _linked(piece.text)
        for piece in pictures.pieces(part, cids)
    )


def _picture(piece: pictures.Piece, cid: str) -> str:
    return format_html(
        '<img src="cid:{}" alt="{}" style="max-width:100%;height:auto">',
        cid,
        piece.alt or piece.name,
    )


def _linked(text: str) -> str:
    return urlize(text, autoescape=True).replace("\n", "<br>\n")


def _unmarked(quoted: str) -> str:
    """The quotation without its first level of marks: the HTML indents it."""
    return "\n".join(
        line.removeprefix(">").removeprefix(" ") for line in quoted.splitlines()
    )
