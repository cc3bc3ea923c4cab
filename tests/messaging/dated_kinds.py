"""Kinds of the tests' own that write on the days of orders whose number names them."""

from contextlib import ExitStack, contextmanager

from django.db.models import F, TextField
from django.db.models.functions import Cast, JSONObject

from crm.models import Order
from messaging.rules.choices import Category
from tests.messaging.plain_kind import PlainKind
from tests.messaging.small_kind import registered


class Dated(PlainKind):
    """Due on the day of each order with the number "<name>-...", once for each."""

    def due(self, automation, window, now):
        return (
            Order.objects.filter(
                number__startswith=f"{self.name}-",
                ordered_on__range=(window.first_on, window.last_on),
                customer__merged_into=None,
                customer__erased_at=None,
            )
            .annotate(
                occurrence=Cast("number", TextField()),
                due_on=F("ordered_on"),
                why=JSONObject(order=F("id")),
            )
            .values("customer_id", "occurrence", "due_on", "why")
        )


class Asks(Dated):
    name = "asks"
    category = Category.SURVEY
    life_days = 10
    priority = 60


class AsksAgain(Dated):
    name = "asksagain"
    category = Category.SURVEY
    is_reminder = True
    life_days = 3
    priority = 58


class Thanks(Dated):
    name = "thanks"
    category = Category.LOYALTY
    life_days = 7
    priority = 30


class Offers(Dated):
    name = "offers"
    category = Category.MARKETING
    life_days = 4
    priority = 70


KINDS = (Asks, AsksAgain, Thanks, Offers)


@contextmanager
def dated_kinds():
    """All four are known inside the block, and none of them after."""
    with ExitStack() as stack:
        for kind in KINDS:
            stack.enter_context(registered(kind()))
        yield
