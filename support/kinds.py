"""Mails of conversations on their way through the pipeline."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from crm import selectors as crm_selectors
from crm.models import Business, User
from messaging.kinds import (
    DirectKind,
    Letter,
    LetterKind,
    MailContext,
    Reason,
    register,
)
from messaging.models import Message
from messaging.rendering import language_of
from messaging.rules.choices import OnUncertain
from support.rules.choices import NoticeEvent
from support.selectors import notices as told
from support.selectors import threads
from support.services import confirming, letters, notices
from support.words import NOTICES

IN_ITS_CONVERSATION = _(
    "What it says stands in its conversation, for those whose role shows it."
)


class Reply(LetterKind):
    """A mail that a member of staff wrote."""

    name = threads.KIND
    label = _("Mail of a colleague")
    summary = _("What somebody here wrote, in a conversation or anew.")
    # Before all mail that no one is waiting for.
    priority = 1
    life = timedelta(days=2)
    not_kept = IN_ITS_CONVERSATION

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
    """Says to who wrote that their mail has arrived."""

    name = threads.ACKNOWLEDGEMENT
    label = _("Acknowledgement")
    summary = _("Tells who wrote to us that their mail has arrived.")
    priority = 2
    # Later it would only be a puzzle.
    life = timedelta(hours=6)
    not_kept = IN_ITS_CONVERSATION

    def letters(self, messages: Sequence[Message], now: datetime) -> dict[int, Letter]:
        return letters.of_messages(messages)

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        said = gettext("They wrote to us, and the mailbox says that it has arrived.")
        return {message.pk: said for message in messages}


class MailboxTest(LetterKind):
    """A mail of a mailbox to itself."""

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


class ConversationNotice(DirectKind):
    """Tells a colleague what they chose to be told; see support/services/notices.py."""

    name = notices.KIND
    label = _("Notice of conversations")
    summary = _("Tells a colleague of conversations, where they chose a mail for it.")
    template = "emails/support/notice"
    priority = 3
    # In the next morning's work it is seen on Today.
    life = timedelta(hours=12)
    on_uncertain = OnUncertain.RESEND
    # Names of customers and subjects, which not everybody may read here.
    keeps_body = False

    def no_longer_due(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, Reason]:
        waiting = told.of_messages(messages)
        gone = [message.pk for message in messages if message.pk not in waiting]
        return dict.fromkeys(gone, Reason("opened_already"))

    def prepare(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, MailContext]:
        shop, found = crm_selectors.business(), {}
        for message in messages:
            with override(language_of(message, shop)):
                rows = told.of_messages([message]).get(message.pk, [])
                found[message.pk] = _told_by_mail(rows, shop)
        return found

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        said = gettext("They chose a mail for what happens in conversations")
        return {message.pk: said for message in messages}

    def sample(self, language: str, now: datetime) -> MailContext:
        with override(language):
            row = told.Told(
                pk=1,
                what=str(NOTICES[NoticeEvent.IN_MINE.value]),
                who="Lea Brandt",
                subject="Where is my order?",
                conversation_id=1,
                path="/inbox/1/",
            )
            return _told_by_mail([row], crm_selectors.business())


def _told_by_mail(rows: Sequence[told.Told], shop: Business) -> MailContext:
    """In the language that is active."""
    base = shop.public_url.rstrip("/")
    shown = [
        {
            "what": row.what,
            "who": row.who,
            "subject": row.subject,
            "url": base + row.path,
        }
        for row in rows[: told.MOST_IN_MAIL]
    ]
    return MailContext(
        values={
            "rows": shown,
            "count": len(rows),
            "more": len(rows) - len(shown),
            "inbox_url": base + reverse("support:conversation-list"),
            "choose_url": base + reverse("support:notices"),
        },
        footer_reason=gettext(
            "You get this mail because you chose it in your settings at %(shop)s."
        )
        % {"shop": shop.name},
    )


register(ConversationNotice())
register(Reply())
register(Acknowledgement())
register(MailboxTest())
