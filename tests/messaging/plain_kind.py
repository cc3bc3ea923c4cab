"""A kind that only tests register: everybody is due, the mail has one link."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from crm.models import Customer
from messaging.kinds import Kind, LinkTo, MailContext, Reason, Window, WordingField
from messaging.models import Automation, Message
from messaging.rules.choices import Category, Purpose


class PlainKind(Kind):
    name = "plain"
    label = "Plain"
    summary = "A kind for tests."
    category = Category.SURVEY
    rests = False
    template = "emails/tests/plain"
    wording = (
        WordingField("subject", "Subject", "News from {shop}", ("shop",)),
        WordingField(
            "intro", "Text", "Your {product} arrived.", ("product",), long=True
        ),
        WordingField("button", "Button", "Tell us"),
    )
    sample_words = {"first_name": "Dana", "shop": "Kettle", "product": "Ethiopia 1 kg"}

    def due(
        self, automation: Automation, window: Window, now: datetime
    ) -> QuerySet[Any, dict[str, Any]]:
        return Customer.objects.none().values("id")

    def no_longer_due(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, Reason]:
        return {
            message.pk: Reason(message.why["over"])
            for message in messages
            if message.why.get("over")
        }

    def prepare(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, MailContext]:
        return {message.pk: self._context(message, now) for message in messages}

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        return {message.pk: "It is a test." for message in messages}

    def sample(self, language: str, now: datetime) -> MailContext:
        return self._context(Message(pk=1), now)

    def _context(self, message: Message, now: datetime) -> MailContext:
        words = {} if message.why.get("poison") else {"product": "Ethiopia 1 kg"}
        return MailContext(
            values={"items": ["<b>one</b>", "two"]},
            links={
                "answer": LinkTo(
                    purpose=Purpose.SURVEY,
                    subject_id=message.pk,
                    path="/s/{token}/",
                    expires_at=now + timedelta(days=30),
                )
            },
            words=words,
            footer_reason="You got this because <order> 10493 arrived.",
        )


class TransactionalKind(PlainKind):
    name = "plain-transactional"
    category = Category.TRANSACTIONAL
