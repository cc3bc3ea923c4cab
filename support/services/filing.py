"""Replies that left here are put into the folder of sent mail, once each."""

from django.db.models import QuerySet

from messaging.models import Message
from messaging.rules.choices import FINAL, State
from messaging.services import letter_copies
from support.models import Mail, Mailbox
from support.selectors import threads
from support.services import letters
from support.services.imap import Connection

# In one pass; the next one goes on.
_MOST = 50


def file_sent(connection: Connection, mailbox: Mailbox) -> int:
    """File what has left and is not there yet; how many.

    A provider may have put it there itself, and a kill may come right after it was
    put: so the folder is asked for its Message-ID first. Where our reader finds it
    again, it is known by that.
    """
    waiting = Mail.objects.filter(is_to_file=True, conversation__mailbox=mailbox)
    filed = 0
    for mail in waiting.order_by("pk")[:_MOST]:
        states = set(_messages(mail).values_list("state", flat=True))
        if not states <= FINAL:
            continue
        if State.SENT.value in states:
            filed += _file(connection, mailbox, mail)
        Mail.objects.filter(pk=mail.pk).update(is_to_file=False)
    return filed


def _file(connection: Connection, mailbox: Mailbox, mail: Mail) -> int:
    connection.open_folder(mailbox.sent_folder)
    if connection.has(mail.message_id):
        return 0
    message = _messages(mail).filter(state=State.SENT.value).order_by("pk")[0]
    letter = letters.of_messages([message])[message.pk]
    at = message.handed_at or mail.at
    content = letter_copies.as_bytes(message, letter, at=at)
    connection.append(mailbox.sent_folder, content, at)
    return 1


def _messages(mail: Mail) -> QuerySet[Message]:
    return Message.objects.filter(
        kind=threads.KIND, customer=None, occurrence=threads.occurrence_of(mail.pk)
    )
