"""Some days after an order arrived, or should have arrived."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.db.models import (
    Case,
    CharField,
    DateField,
    F,
    Func,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import MD5, Concat, JSONObject, Length
from django.db.models.lookups import GreaterThan
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import selectors as crm
from crm.models import Order
from crm.rules.choices import OrderNature, OrderState
from messaging.kinds import (
    Group,
    MailContext,
    Reason,
    StartingPoint,
    Window,
    WordingField,
)
from messaging.models import Automation, Message
from surveys import selectors
from surveys.kinds import wordings
from surveys.kinds.asking import (
    AsksSurvey,
    asking_of,
    askings_of,
    invited,
)
from surveys.models import Asking
from web import formats

OCCURRENCE_LENGTH = 120


class SurveyAfterDelivery(AsksSurvey):
    """Asks some days after an order has arrived."""

    name = "survey_after_delivery"
    former_names = frozenset({"nps_post_purchase"})
    label = gettext_lazy("A survey after delivery")
    summary = gettext_lazy("Asks some days after an order has arrived.")
    template = "emails/surveys/ask_after_delivery"
    priority = 55
    occasion = gettext_lazy("the day on which the survey asks")
    starting_points = (
        StartingPoint(
            name="after_delivery",
            group=Group.ASK,
            label=gettext_lazy("Would they recommend us, after delivery"),
            summary=gettext_lazy("One question about an order that has arrived."),
            suits=gettext_lazy("Shops that deliver and want to hear what went wrong."),
            goes=gettext_lazy(
                "Some days after the delivery; the survey says how many."
            ),
        ),
    )
    wording: ClassVar[tuple[WordingField, ...]] = (
        WordingField(
            "subject",
            gettext_lazy("Subject"),
            gettext_lazy("Would you recommend {shop} to a friend?"),
            placeholders=("first_name", "shop", "product", "order", "day"),
        ),
        WordingField(
            "intro",
            gettext_lazy("First words, when it has arrived"),
            gettext_lazy(
                "your {product} arrived on {day}. One question, about 20 seconds:"
            ),
            placeholders=("first_name", "shop", "product", "order", "day"),
            long=True,
        ),
        WordingField(
            "intro_unconfirmed",
            gettext_lazy("First words, when nobody told us that it arrived"),
            gettext_lazy(
                "your {product} of {day} should be with you by now. One question, "
                "about 20 seconds:"
            ),
            placeholders=("first_name", "shop", "product", "order", "day"),
            long=True,
        ),
    )

    def asked(
        self, automation: Automation, window: Window, now: datetime
    ) -> QuerySet[Any, Any]:
        after = asking_of(automation).after_days + automation.offset_days
        assumed = after + crm.business().assumed_delivery_days
        return (
            Order.objects.filter(
                _arrived(window, after) | _should_have_arrived(window, assumed),
                nature=OrderNature.SALE.value,
            )
            .exclude(state=OrderState.CANCELLED.value)
            .annotate(
                occurrence=_occurrence(),
                due_on=Case(
                    When(delivered_on=None, then=_days_after("ordered_on", assumed)),
                    default=_days_after("delivered_on", after),
                    output_field=DateField(),
                ),
                why=JSONObject(order=F("id")),
            )
            .values("customer_id", "occurrence", "due_on", "why")
        )

    def changed(self, messages: Sequence[Message], now: datetime) -> dict[int, Reason]:
        orders = selectors.orders_asked_about(messages)
        returned = crm.returned_in_full(list(orders))
        askings = askings_of(messages)
        days = crm.business().assumed_delivery_days
        reasons: dict[int, Reason] = {}
        for message in messages:
            order = orders.get(message.why.get("order", 0))
            if order is None:
                reason: Reason | None = Reason("order_gone")
            else:
                reason = _off(order, returned) or _moved(
                    message, _due_on(order, askings[message.pk], days), now
                )
            if reason:
                reasons[message.pk] = reason
        return reasons

    def prepare(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, MailContext]:
        orders = {message.pk: message.why["order"] for message in messages}
        return self.asking(messages, invited(messages, orders=orders, now=now))

    def words_for(self, survey_kind: str) -> Mapping[str, Promise]:
        return wordings.instead(survey_kind, wordings.AFTER_DELIVERY)

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        orders = selectors.orders_asked_about(messages)
        return {
            message.pk: _explained(orders.get(message.why.get("order", 0)))
            for message in messages
        }


def _arrived(window: Window, after: int) -> Q:
    shift = timedelta(days=after)
    return Q(delivered_on__range=(window.first_on - shift, window.last_on - shift))


def _should_have_arrived(window: Window, assumed: int) -> Q:
    shift = timedelta(days=assumed)
    days = (window.first_on - shift, window.last_on - shift)
    return Q(delivered_on=None, ordered_on__range=days)


def _days_after(field: str, days: int) -> Func:
    return Func(
        F(field),
        Value(days),
        template="(%(expressions)s)",
        arg_joiner=" + ",
        output_field=DateField(),
    )


def _occurrence() -> Case:
    """order:<source>:<number of the order there>, hashed where it would be too long."""
    key = Concat(Value("order:"), F("source"), Value(":"), F("external_id"))
    return Case(
        When(
            GreaterThan(Length(key), Value(OCCURRENCE_LENGTH)),
            then=Concat(Value("order:md5:"), MD5(key)),
        ),
        default=key,
        output_field=CharField(),
    )


def _due_on(order: Order, asking: Asking, assumed_days: int) -> date:
    days = asking.after_days + asking.automation.offset_days
    if order.delivered_on is not None:
        return order.delivered_on + timedelta(days=days)
    return order.ordered_on + timedelta(days=days + assumed_days)


def _off(order: Order, returned: set[int]) -> Reason | None:
    if order.state == OrderState.CANCELLED:
        return Reason("order_cancelled", {"order": order.pk})
    if order.pk in returned:
        return Reason("order_returned", {"order": order.pk})
    return None


def _moved(message: Message, due_on: date, now: datetime) -> Reason | None:
    """Delivered later than planned for: it is planned again for the later day.

    Only where that day is still ahead of us; a day that has come makes this mail as
    timely as another would be.
    """
    if due_on <= message.due_on or due_on <= (now + timedelta(hours=14)).date():
        return None
    return Reason("superseded_delivery_moved", {"due_on": due_on.isoformat()})


def _explained(order: Order | None) -> str:
    if order is None:
        return _("The order it was about no longer exists")
    if order.delivered_on is None:
        return _("Order %(number)s of %(day)s should have arrived") % {
            "number": order.number,
            "day": formats.day(order.ordered_on),
        }
    return _("Order %(number)s arrived on %(day)s") % {
        "number": order.number,
        "day": formats.day(order.delivered_on),
    }
