"""The smallest kind that uses the whole pipeline: customers on the day they joined."""

from contextlib import contextmanager

from django.db.models import F, TextField, Value
from django.db.models.functions import Cast, Concat, JSONObject

from crm.models import Customer
from messaging import kind_registry
from messaging.kinds import Kind, MailContext
from messaging.rules.choices import Category


class SmallKind(Kind):
    """Due on the very day in `since_on`; the occurrence is that day."""

    name = "test_kind"
    label = "Test kind"
    summary = "Only for tests."
    category = Category.SURVEY
    rests = False
    template = "emails/messaging/test_kind"

    def due(self, automation, window, now):
        return (
            Customer.objects.live()
            .filter(since_on__range=(window.first_on, window.last_on))
            .annotate(
                customer_id=F("id"),
                occurrence=Concat(
                    Value("day-%-"),
                    Cast("since_on", TextField()),
                    output_field=TextField(),
                ),
                due_on=F("since_on"),
                why=JSONObject(since=F("since_on")),
            )
            .values("customer_id", "occurrence", "due_on", "why")
        )

    def prepare(self, messages, now):
        return {message.pk: MailContext() for message in messages}

    def explain(self, messages):
        return {message.pk: "Due: joined on that day" for message in messages}

    def sample(self, language, now):
        return MailContext()


@contextmanager
def registered(kind):
    """The registry knows this kind inside the block, and nothing of it after."""
    kind_registry.register(kind)
    try:
        yield kind
    finally:
        del kind_registry._kinds[kind.name]
