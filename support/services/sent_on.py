"""A mail that a colleague sent on becomes its first writer's, once somebody says so."""

from datetime import datetime
from typing import Any

from django.db import transaction

from crm.rules import names
from crm.services import audit
from support.errors import NotWaiting
from support.models import Conversation, Mail, MailFile
from support.rules import subjects
from support.selectors import people, sent_on
from support.selectors.sent_on import SentOn
from support.services import notes, searching, storage, whose
from support.services.reading import FoundFile
from web.errors import InvalidValue
from web.rules import text

_NAME_MOST = 200
_SUBJECT_MOST = 300


@transaction.atomic
def confirm(mail: Mail, *, name: str, address: str, now: datetime) -> Conversation:
    """The mail says what its first writer said, and the conversation is with them; what
    the colleague added is a note. The bytes as they came stay.

    Raises InvalidValue for no address, and NotWaiting where it is done already.
    """
    conversation = Conversation.objects.select_for_update(no_key=True).get(
        pk=mail.conversation_id
    )
    found = sent_on.of_mail(Mail.objects.get(pk=mail.pk))
    if found is None:
        raise NotWaiting
    writer = text.one_line(name, field="name", most=_NAME_MOST)
    valid = text.valid_email(address.strip())
    if not valid:
        raise InvalidValue(fields={"address": "required"})
    if found.original.above:
        words = found.original.above[: notes.MOST]
        notes.add(conversation, words=words, author=found.colleague, now=now)
    _with(conversation, found, valid, now)
    _rewrite(found, conversation, (writer, valid), now)
    return conversation


def _with(
    conversation: Conversation, found: SentOn, address: str, now: datetime
) -> None:
    """It is with the first writer now; theirs, where the address is of one record."""
    at = people.customers_at([address])
    conversation.customer = at[0] if len(at) == 1 else None
    conversation.address = names.normalise_email(address)[:254]
    conversation.subject = subjects.bare(found.original.subject)[:_SUBJECT_MOST]
    if conversation.customer is not None:
        conversation.language = conversation.customer.language
    conversation.version += 1
    conversation.save()
    whose.pass_on(conversation)
    audit.record(
        "conversation.first_writer_named",
        f"conversation:{conversation.pk}",
        customer_id=conversation.customer_id,
        now=now,
    )


def _rewrite(
    found: SentOn, conversation: Conversation, writer: tuple[str, str], now: datetime
) -> None:
    mail, whole = found.mail, found.whole
    values: dict[str, Any] = {
        "customer": conversation.customer,
        "from_name": writer[0],
        "from_address": writer[1],
        "subject": found.original.subject[:_SUBJECT_MOST],
        "text": found.original.text,
        # These were of the colleague's mail.
        "auth": {},
        "reply_to": [],
        "to": [],
        "cc": [],
        "html": "",
        "message_id": "",
        "references": [],
    }
    if whole is not None:
        values |= {
            "to": whole.to,
            "cc": whole.cc,
            "reply_to": whole.reply_to,
            "html": whole.html,
            "message_id": whole.message_id,
            "references": whole.references,
            "at": whole.at,
        }
        MailFile.objects.bulk_create(_file(mail, one, now) for one in whole.files)
    for field, value in values.items():
        setattr(mail, field, value)
    mail.save(update_fields=[*values])
    searching.refresh(mail)


def _file(mail: Mail, file: FoundFile, now: datetime) -> MailFile:
    values = storage.kept(file.name, file.content, now=now)
    return MailFile(mail=mail, content_id=file.content_id, **values)
