"""What a colleague wants to be told of, and what they were told and have not opened."""

from django.db import models
from django.db.models import Q

from crm.models import User
from crm.models.fields import choice_check, pairs
from messaging.models import Message
from support.models.conversations import Conversation
from support.models.mailboxes import Mailbox
from support.rules.choices import NoticeEvent, NoticeWay


class NoticeChoice(models.Model):
    """This colleague wants to be told of such an event in this way.

    `mailbox` null: in every mailbox for which they have chosen nothing of its own.
    `way` empty: of this event in this mailbox they want no notice.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    mailbox = models.ForeignKey(
        Mailbox, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    event = models.CharField(max_length=10, choices=pairs(NoticeEvent))
    way = models.CharField(max_length=7, choices=pairs(NoticeWay), blank=True)

    class Meta:
        constraints = [
            # Each event asks who wants to know of it.
            models.UniqueConstraint(
                fields=["event", "way", "user", "mailbox"],
                nulls_distinct=False,
                name="notice_choice_once",
            ),
            choice_check("event", NoticeEvent, name="notice_choice_event"),
            models.CheckConstraint(
                condition=Q(way__in=[way.value for way in NoticeWay])
                | Q(way="", mailbox__isnull=False),
                name="notice_choice_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} by {self.way or 'nothing'}"


class Notice(models.Model):
    """They were told; gone once they open the conversation, so that they are told once.

    Written by support/services/notices.py.
    """

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="+"
    )
    event = models.CharField(max_length=10, choices=pairs(NoticeEvent))
    way = models.CharField(max_length=7, choices=pairs(NoticeWay))
    # The mail that tells it, with what else came within its minute.
    message = models.ForeignKey(
        Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "conversation", "way"], name="notice_once_until_opened"
            ),
            choice_check("event", NoticeEvent, name="notice_event"),
            choice_check("way", NoticeWay, name="notice_way"),
            models.CheckConstraint(
                condition=Q(way=NoticeWay.MAIL.value) | Q(message=None),
                name="notice_mail_is_by_mail",
            ),
        ]
        indexes = [
            # Each open page asks what is new.
            models.Index(fields=["user", "way", "id"], name="notice_new"),
            # Forgotten after a while.
            models.Index(fields=["at"], name="notice_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event} in {self.conversation_id}"
