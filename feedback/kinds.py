"""The mail that asks for a review: everybody who bought, by the same rule."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_lazy, override

from crm import selectors as crm
from crm.models import Order
from crm.rules.choices import OrderState
from feedback import selectors
from feedback.models import Review
from feedback.services.requests import LINK_LIVES_FOR, request_reviews
from messaging import kinds
from messaging.kinds import (
    Group,
    LinkTo,
    MailContext,
    Reason,
    StartingPoint,
    Window,
    WordingField,
)
from messaging.models import Automation, Message
from messaging.rules.choices import Category, Purpose
from web import formats

_ = gettext_lazy

PATH = "/r/{token}/"
# Its key is free again: the next sweep plans it for the day that was not assumed.
ARRIVES_LATER = "superseded_date_changed"


class ReviewRequestKind(kinds.Kind):
    """Asks for words and stars, offers nothing, and never looks at a score.

    It counts as a survey: a question about the same delivery is a question, whatever we
    call it, so the limit of one survey in 30 days holds for both together. Its life
    is longer than that limit: somebody who was just surveyed is asked later instead of
    never.
    """

    name = "review_request"
    label = _("Review request")
    summary = _(
        "Asks everybody for a review some days after their order arrived, whatever "
        "they answered elsewhere."
    )
    category = Category.SURVEY
    # Reviews are asked of everybody alike, whatever they think of us.
    may_choose_by_opinion = False
    template = "emails/feedback/review_request"
    priority = 45
    life_days = 35
    send_hour = 10
    offset_days = 14
    occasion = _("the delivery")
    starting_points = (
        StartingPoint(
            name="review",
            group=Group.ASK,
            label=_("Ask for a review"),
            summary=_(
                "Asks everybody alike for words and stars about what they bought."
            ),
            suits=_("Shops that show reviews of their products."),
            goes=_("Two weeks after the delivery, when they know the product."),
        ),
    )
    wording = (
        WordingField(
            "subject",
            _("Subject"),
            _("What do you say about {product}?"),
            ("product", "first_name", "shop"),
        ),
        WordingField(
            "opening",
            _("Opening"),
            _(
                "You bought {product} from us on {day}. By now you know it better "
                "than we do."
            ),
            ("product", "day", "first_name", "shop"),
            long=True,
        ),
        WordingField(
            "question",
            _("Question"),
            _("How many stars would you give it?"),
            ("product", "first_name", "shop"),
        ),
        WordingField("button", _("Button"), _("Write a review")),
    )
    sample_words: ClassVar[dict[str, str]] = {
        "product": "Ethiopia 1 kg",
        "day": "2 November 2026",
    }

    def due(
        self, automation: Automation, window: Window, now: datetime
    ) -> QuerySet[Any, dict[str, Any]]:
        return selectors.orders_to_review(
            window.first_on,
            window.last_on,
            wait_days=automation.offset_days,
            assumed_delivery_days=crm.business().assumed_delivery_days,
        )

    def no_longer_due(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, Reason]:
        orders = Order.objects.in_bulk({message.why["order"] for message in messages})
        over = _over(orders)
        found: dict[int, Reason] = {}
        for message in messages:
            order = orders.get(message.why["order"])
            code = over.get(message.why["order"], "") if order else "order_gone"
            if order and not code and _arrives_later(message, order, now.date()):
                code = ARRIVES_LATER
            if code:
                found[message.pk] = Reason(code, {"order": message.why["order"]})
        return found

    def prepare(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, MailContext]:
        asked = {message.pk: message.why["order"] for message in messages}
        orders = Order.objects.in_bulk(set(asked.values()))
        products = selectors.products_of(list(orders))
        requests = request_reviews(
            {message: asked[message.pk] for message in messages}, now=now
        )
        shop = crm.business()
        found: dict[int, MailContext] = {}
        for message in messages:
            order = orders[asked[message.pk]]
            with override(message.language or shop.language):
                names = [str(product) for product in products.get(order.pk, [])]
                link = _link(requests[message.pk].pk, now)
                found[message.pk] = _context(names, order.ordered_on, link)
        return found

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        asked = {message.pk: message.why["order"] for message in messages}
        orders = Order.objects.in_bulk(set(asked.values()))
        return {pk: _explained(orders.get(id_)) for pk, id_ in asked.items()}

    def sample(self, language: str, now: datetime) -> MailContext:
        with override(language):
            bought = now.date() - timedelta(days=self.offset_days)
            return _context([gettext("Ethiopia 1 kg")], bought, _link(0, now))


def _over(orders: Mapping[int, Order]) -> dict[int, str]:
    """Order id to the reason why its customer is no longer asked about it."""
    returned = crm.returned_in_full(list(orders))
    cancelled = {
        pk for pk, order in orders.items() if order.state == OrderState.CANCELLED.value
    }
    reviewed = Review.objects.filter(request__order__in=orders)
    return {
        **dict.fromkeys(returned, "order_returned"),
        **dict.fromkeys(
            reviewed.values_list("request__order_id", flat=True), "already_reviewed"
        ),
        **dict.fromkeys(cancelled, "order_cancelled"),
    }


def _arrives_later(message: Message, order: Order, today: date) -> bool:
    """It was planned on an assumption, and the real day leaves time to ask again."""
    if order.delivered_on is None:
        return False
    late = order.delivered_on - date.fromisoformat(message.why["arrived"])
    return late > timedelta(0) and message.due_on + late > today


def _link(request_id: int, now: datetime) -> LinkTo:
    return LinkTo(Purpose.REVIEW, request_id, PATH, now + LINK_LIVES_FOR)


def _context(names: list[str], ordered_on: date, link: LinkTo) -> MailContext:
    return MailContext(
        links={"review": link},
        words={
            "product": names[0] if names else gettext("your order"),
            "day": formats.full_day(ordered_on),
        },
        footer_reason=gettext(
            "You get this mail because you bought from us on %(day)s."
        )
        % {"day": formats.full_day(ordered_on)},
    )


def _explained(order: Order | None) -> str:
    if order is None:
        return gettext("The order it asks about is gone.")
    if order.delivered_on:
        return gettext("Order %(number)s arrived on %(day)s.") % {
            "number": order.number,
            "day": formats.full_day(order.delivered_on),
        }
    return gettext(
        "Order %(number)s was placed on %(day)s; its arrival is assumed."
    ) % {"number": order.number, "day": formats.full_day(order.ordered_on)}


kinds.register(ReviewRequestKind())
