"""Mails of conversations on their way through the pipeline."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.models import User
from messaging.kinds import Letter, LetterKind, register
from messaging.models import Message
from support.selectors import threads
from support.services import confirming, letters


class Reply(LetterKind):
    name = threads.KIND
    label = _("Mail of a colleague")
    summary = _("What somebody here wrote, in a conversation or anew.")
    # Before all that nobody waits for.
    priority = 1
    life = timedelta(days=2)

    def letters(self, messages: Sequence[Message], now: datetime) -> dict[int, Letter]:
        return letters.of_messages(messages)

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        ids = {message.why.get("by") for message in messages}
        names = dict(User.objects.filter(pk__in=ids).values_list("pk", "name"))
        return {
            message.pk: gettext("%(name)s wrote it")
            % {"name": names.get(message.why.get("by")) or gettext("A colleague")}
            for message in messages
        }


class Acknowledgement(LetterKind):
    name = threads.ACKNOWLEDGEMENT
    label = _("Acknowledgement")
    summary = _("Tells who wrote to us that their mail has arrived.")
    priority = 2
    # Later it would only be a puzzle.
    life = timedelta(hours=6)

    def letters(self, messages: Sequence[Message], now: datetime) -> dict[int, Letter]:
        return letters.of_messages(messages)

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        said = gettext("They wrote to us, and the mailbox says that it has arrived.")
        return {message.pk: said for message in messages}


class MailboxTest(LetterKind):
    name = confirming.KIND
    label = _("Test of a mailbox")
    summary = _("A mailbox writes to itself, to see that its mail arrives.")
    priority = 1
    life = timedelta(days=2)

    def letters(self, messages: Sequence[Message], now: datetime) -> dict[int, Letter]:
        return letters.of_tests(messages)

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        said = gettext("Somebody connected or changed this mailbox")
        return {message.pk: said for message in messages}


register(Reply())
register(Acknowledgement())
register(MailboxTest())
