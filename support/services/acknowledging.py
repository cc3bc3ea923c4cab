"""Tell who wrote to us that their mail has arrived, where the owner has chosen that.

RFC 3834: never an answer to a machine, and one to each sender in a day, so that two
programs that answer by themselves never keep each other busy.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext, override

from crm import selectors as crm_selectors
from crm.rules import names
from crm.services import audit
from messaging.public_language import best_language
from messaging.services import direct, suppression
from support.models import AcknowledgementText, Conversation, Mail, Mailbox
from support.rules import arrived, replies
from support.rules.choices import ConversationState, Direction, MailSource
from support.selectors import senders, threads
from web.errors import StaleVersion
from web.rules import text

TEXT_MOST = 2_000


def default_text(language: str) -> str:
    """What a mailbox says where the shop has no words of its own."""
    with override(language):
        return gettext(
            "Thank you for your mail. It has arrived, and one of us will read it and"
            " answer you as soon as we can.\n\nYou need not do anything. If there is"
            " more to say, simply answer this mail: it comes to the same place."
        )


def texts_of(mailbox: Mailbox) -> dict[str, str]:
    """The shop's own words by language."""
    rows = AcknowledgementText.objects.filter(mailbox=mailbox)
    return dict(rows.values_list("language", "text"))


@transaction.atomic
def set_up(
    mailbox: Mailbox,
    *,
    acknowledges: bool,
    texts: Mapping[str, str],
    close_after_days: int | None,
    version: int,
    now: datetime,
) -> None:
    """What the mailbox does by itself. An empty text, and one that is the same as
    ours, is none of its own. Raises InvalidValue, StaleVersion."""
    locked = Mailbox.objects.select_for_update(of=("self",)).get(pk=mailbox.pk)
    if locked.version != version:
        raise StaleVersion
    own = {
        language: words
        for language, typed in texts.items()
        if (words := text.many_lines(typed, field=f"text_{language}", most=TEXT_MOST))
        and words != default_text(language)
    }
    AcknowledgementText.objects.filter(mailbox=locked).delete()
    AcknowledgementText.objects.bulk_create(
        AcknowledgementText(mailbox=locked, language=language, text=words)
        for language, words in own.items()
    )
    locked.acknowledges = acknowledges
    locked.close_after_days = close_after_days
    locked.version += 1
    locked.save()
    fields = ["acknowledges", "acknowledgement_texts", "close_after_days"]
    audit.record("mailbox.changed", f"mailbox:{locked.pk}", now=now, fields=fields)


def acknowledge(mail: Mail, *, arrived_at: datetime, now: datetime) -> Mail | None:
    """Answer the first mail of a conversation; None where nothing is answered."""
    conversation = mail.conversation
    mailbox = conversation.mailbox
    if mailbox is None or not mailbox.acknowledges or not _is_owed(mail):
        return None
    to = names.normalise_email(mail.from_address)
    if not arrived.may_be_told(
        sender=to, subject=mail.subject, arrived_at=arrived_at, now=now
    ):
        return None
    since = now - arrived.ONCE_IN
    if suppression.unreachable([to]) or direct.has_posted(
        kind=threads.ACKNOWLEDGEMENT, to=to, since=since
    ):
        return None
    return _posted(mail, conversation, mailbox, now)


def _is_owed(mail: Mail) -> bool:
    """Never what was typed in the contact form: its address may be anybody's, and its
    page says already that it has arrived."""
    is_open = mail.conversation.state == ConversationState.OPEN.value
    is_typed = mail.raw is None or mail.raw.source == MailSource.FORM.value
    return is_open and not (mail.is_ours or mail.is_automatic or is_typed)


def _posted(
    first: Mail, conversation: Conversation, mailbox: Mailbox, now: datetime
) -> Mail:
    shop = crm_selectors.business()
    language = best_language(conversation.language, mailbox.language, shop.language)
    # As a reply: from the address only once mail from it was seen to arrive.
    proven = senders.confirmed_mailbox(conversation)
    address = proven.address if proven else shop.from_transactional
    domain = address.rpartition("@")[2]
    mail = Mail.objects.create(
        conversation=conversation,
        customer_id=conversation.customer_id,
        direction=Direction.OUT.value,
        fingerprint=hashlib.sha256(f"told {first.pk}".encode()).hexdigest(),
        references=replies.chain(first.message_id, first.references),
        from_name=shop.from_name,
        from_address=address,
        to=[[first.from_name, first.from_address]],
        subject=replies.subject(first.subject),
        text=texts_of(mailbox).get(language) or default_text(language),
        at=now,
        stored_at=now,
        is_automatic=True,
    )
    message = direct.post(
        kind=threads.ACKNOWLEDGEMENT,
        to=first.from_address,
        occurrence=threads.occurrence_of(mail.pk),
        now=now,
        language=language,
        why={"mail": mail.pk},
        account=proven.sending if proven else None,
    )
    # A bounce names it, and is counted at this very message.
    mail.message_id = f"{message.message_uuid}@{domain}"
    mail.save(update_fields=["message_id"])
    return mail
