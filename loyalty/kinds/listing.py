"""Mails that list products: what each costs and where it is ordered, and a page where
their reader says what becomes of it."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import override

from crm import selectors as crm
from crm.models import Product
from loyalty.services import order_links
from messaging.kinds import Kind, LinkTo, MailContext
from messaging.models import Message
from messaging.rules.choices import Purpose
from web import formats

PATH = "/b/{token}/"
LINK_LIVES_FOR = timedelta(days=90)


@dataclass(frozen=True)
class Shelf:
    """The products that some mails name, and the shop's own address of a basket."""

    products: Mapping[int, Product]
    template: str = ""

    @classmethod
    def of(cls, ids: Iterable[int]) -> "Shelf":
        return cls(Product.objects.in_bulk(set(ids)), order_links.template())

    def shown(self, product_id: int, quantity: Decimal = Decimal(1)) -> dict[str, str]:
        """Where so many of it are ordered, what one costs now, and its picture; empty
        where that is not known."""
        product = self.products.get(product_id)
        if product is None:
            return {"link": "", "price": "", "picture": ""}
        has_price = product.price is not None
        return {
            "link": order_links.link_of(self.template, product, quantity),
            "price": formats.money(product.price, product.currency)
            if has_price
            else "",
            "picture": product.picture,
        }

    def basket(self, wanted: Sequence[tuple[int, Decimal]]) -> str:
        """One basket with all of these; "" where there is none."""
        known = [
            (self.products[pk], quantity)
            for pk, quantity in wanted
            if pk in self.products
        ]
        return order_links.basket_of(self.template, known)


class Listing(Kind):
    """Reads what its mails list at once, and writes those that have something left."""

    lists_products = True

    @abstractmethod
    def listed(
        self, messages: Sequence[Message], now: datetime
    ) -> Mapping[int, Sequence[Any]]:
        """Message id to what it may still list."""

    @abstractmethod
    def named(self, item: Any) -> Iterable[int]:
        """The ids of the products that the words about an item name."""

    @abstractmethod
    def written(
        self, items: Sequence[Any], shelf: Shelf, choices: LinkTo
    ) -> MailContext:
        """The mail about these, in the language that is active."""

    def prepare(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, MailContext]:
        shop = crm.business().language
        listed = self.listed(messages, now)
        every = (item for items in listed.values() for item in items)
        shelf = Shelf.of(pk for item in every for pk in self.named(item))
        found: dict[int, MailContext] = {}
        for message in messages:
            if items := listed[message.pk]:
                with override(message.language or shop):
                    choices = choices_of(message.pk, now)
                    found[message.pk] = self.written(items, shelf, choices)
        return found


def choices_of(message_id: int, now: datetime) -> LinkTo:
    """The page where the reader of a mail says what becomes of what it lists."""
    return LinkTo(Purpose.REORDER, message_id, PATH, now + LINK_LIVES_FOR)
