"""Suggestions some time after an order: what goes with it, and others of the kind."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext, gettext_lazy, gettext_noop, override

from crm.models import Product
from loyalty import words
from loyalty.kinds.letter_words import letter_words
from loyalty.kinds.listing import Listing, Shelf, choices_of
from loyalty.services import suggestions
from loyalty.sql import suggestions as sql
from loyalty.sql.suggestions import Standing
from messaging.kinds import (
    Due,
    Group,
    LinkTo,
    MailContext,
    Reason,
    StartingPoint,
    Window,
)
from messaging.models import Automation, Message
from messaging.rules.choices import Category

_ = gettext_lazy

# Of both kinds together: nobody gets more than one a month.
REST = timedelta(days=30)


class Suggestion(Listing):
    """Once for each order, and to nobody twice in a month."""

    category = Category.MARKETING
    has_one_always = False
    template = "emails/loyalty/suggestion"
    priority = 65
    life_days = 7
    send_hour = 10
    occasion = _("the delivery of an order")
    sample_words: ClassVar[dict[str, str]] = {"product": "Ethiopia 1 kg"}

    def due(self, automation: Automation, window: Window, now: datetime) -> Due:
        return sql.due(
            self.name,
            window.first_on,
            window.last_on,
            offset_days=automation.offset_days,
            rested=now - REST,
        )

    def due_ahead(self, automation: Automation, window: Window, now: datetime) -> Due:
        return sql.due_ahead(
            self.name,
            window.first_on,
            window.last_on,
            offset_days=automation.offset_days,
        )

    def no_longer_due(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, Reason]:
        return suggestions.over(messages)

    def listed(
        self, messages: Sequence[Message], now: datetime
    ) -> Mapping[int, Sequence[Standing]]:
        """What they do not have, did not refuse and can order."""
        found = sql.standings([message.pk for message in messages])
        return {
            pk: [one for one in items if one.is_open] for pk, items in found.items()
        }

    def named(self, item: Standing) -> Iterable[int]:
        return item.product_id, item.bought_id

    def written(
        self, items: Sequence[Standing], shelf: Shelf, choices: LinkTo
    ) -> MailContext:
        lines = [_line(item, shelf) for item in items]
        return MailContext(
            values={"items": lines, "leads": any(line["link"] for line in lines)},
            links={"choices": choices},
            words={"product": str(shelf.products[items[0].bought_id])},
            footer_reason=gettext(
                "You get this suggestion because you ordered from us lately."
            ),
        )

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        listed = sql.standings([message.pk for message in messages])
        products = _products(listed)
        return {pk: _explained(found, products) for pk, found in listed.items()}

    def sample(self, language: str, now: datetime) -> MailContext:
        with override(language):
            products = {
                1: Product(name=gettext("Ethiopia 1 kg")),
                2: Product(name=gettext(self.sample_product)),
            }
            item = Standing(0, 2, 1, self.sample_why, True, False, False, False)
            return self.written([item], Shelf(products), choices_of(0, now))

    # Why the sample suggests, and what.
    sample_why: ClassVar[str]
    sample_product: ClassVar[str]


class GoesWith(Suggestion):
    """Suggests what others bought together with an order."""

    name = "goes_with"
    label = _("Goes with it")
    summary = _(
        "Some days after an order, suggests what other customers bought together with "
        "it, or what you chose. Never what they have, gave back or do not want."
    )
    offset_days = 7
    starting_points = (
        StartingPoint(
            name="goes_with",
            group=Group.REMIND,
            label=_("Goes with it"),
            summary=_(
                "What goes with their last order; a later step may give a sample."
            ),
            suits=_("Shops whose products are used together."),
            goes=_("A week after the delivery, once a month at most."),
        ),
    )
    wording = letter_words(
        _("It goes with your {product}"),
        _("We hope you enjoy your {product}. This goes with it:"),
        _("If it is nothing for you, there is nothing to do."),
        button=_("Not this, or no suggestions"),
        asked=("product", "first_name", "shop"),
    )
    sample_why = "found"
    sample_product = gettext_noop("Paper filters")


class SameKind(Suggestion):
    """Suggests others of the same category."""

    name = "same_kind"
    label = _("Same kind")
    summary = _(
        "A month after an order, suggests others of the same category that they have "
        "not bought: from half the lowest to one and a half times the highest price "
        "they paid there."
    )
    priority = 66
    offset_days = 30
    starting_points = (
        StartingPoint(
            name="same_kind",
            group=Group.REMIND,
            label=_("Same kind"),
            summary=_("Others of the category that they bought, at prices they pay."),
            suits=_("Shops with many of a kind: teas, wines, books."),
            goes=_("A month after the delivery, once a month at most."),
        ),
    )
    wording = letter_words(
        _("You liked {product}?"),
        _("These are of the same kind, and you have not had them yet:"),
        _("If it is nothing for you, there is nothing to do."),
        button=_("Not this, or no suggestions"),
        asked=("product", "first_name", "shop"),
    )
    sample_why = "same"
    sample_product = gettext_noop("Colombia 1 kg")


def _products(listed: Mapping[int, Sequence[Standing]]) -> dict[int, Product]:
    items = [one for found in listed.values() for one in found]
    ids = {one.product_id for one in items} | {one.bought_id for one in items}
    return Product.objects.in_bulk(ids)


def _line(item: Standing, shelf: Shelf) -> dict[str, str]:
    bought = str(shelf.products[item.bought_id])
    return {
        "product": str(shelf.products[item.product_id]),
        "reason": words.suggested(item.why, bought),
        **shelf.shown(item.product_id),
    }


def _explained(listed: Sequence[Standing], products: Mapping[int, Any]) -> str:
    known = [one for one in listed if one.product_id in products]
    if not known:
        return gettext("The products it suggests are gone.")
    first = known[0]
    names = [str(products[one.product_id]) for one in known]
    return gettext("After they bought %(bought)s: %(products)s.") % {
        "bought": products.get(first.bought_id, ""),
        "products": words.products(names),
    }
