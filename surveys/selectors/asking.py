"""What the kinds need to know about orders, for a whole group of messages at once."""

from collections.abc import Collection, Sequence

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from crm.models import Order, OrderLine
from crm.rules.choices import Nature
from messaging.models import Message
from surveys.choices import SurveyState
from surveys.models import Asking, Survey

# Of surveys, with the automations that ask them.
ASKED_BY = Prefetch(
    "askings", Asking.objects.select_related("automation").order_by("id")
)


def with_is_asking() -> "QuerySet[Survey]":
    """Surveys, each with whether an automation asks it now."""
    asks = Asking.objects.filter(survey=OuterRef("pk"), automation__is_on=True)
    live = Q(state=SurveyState.LIVE.value)
    # Its cached property is filled; by a keyword mypy's plugin takes it for a field.
    return Survey.objects.annotate(**{"is_asking": live & Exists(asks)})


def orders_asked_about(messages: Sequence[Message]) -> dict[int, Order]:
    """The orders named in the messages' `why`, by id."""
    ids = {message.why["order"] for message in messages if "order" in message.why}
    return Order.objects.in_bulk(ids)


def product_names(order_ids: Collection[int]) -> dict[int, list[str]]:
    """What was bought, in the order of the lines, each product once."""
    lines = (
        OrderLine.objects.filter(order__in=order_ids, nature=Nature.PURCHASE.value)
        .order_by("order", "id")
        .values_list("order_id", "product__name", "product__sku")
    )
    names: dict[int, dict[str, None]] = {}
    for order_id, name, sku in lines:
        names.setdefault(order_id, {})[name or sku] = None
    return {order_id: list(found) for order_id, found in names.items()}
