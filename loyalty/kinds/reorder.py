"""The reminder of what runs out: one mail for all products that are due."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext, gettext_lazy, override

from crm import selectors as crm
from crm.models import Product
from loyalty import words
from loyalty.choices import Basis
from loyalty.selectors import reorders as selectors
from loyalty.selectors.reorders import Item, Standing
from loyalty.services import next_purchases, order_links, reorders
from messaging.kinds import (
    Due,
    Group,
    Kind,
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

PATH = "/b/{token}/"
LINK_LIVES_FOR = timedelta(days=90)
_LISTED = {Standing.DUE, Standing.LATER}
# Of one sweep; the rest of a great import is worked out by the next ones.
REFRESH_SECONDS = 30


class Reorder(Kind):
    """Once for each purchase of a product, whatever the expected day does meanwhile."""

    name = selectors.KIND
    label = _("Reorder reminder")
    summary = _(
        "Reminds customers of what they buy regularly, when it should be running out."
    )
    category = Category.LOYALTY
    template = "emails/loyalty/reorder"
    gathers = "products"
    priority = 40
    life_days = 7
    send_hour = 9
    offset_days = 0
    occasion = _("the day a product may run out")
    starting_points = (
        StartingPoint(
            name="reorder",
            group=Group.REMIND,
            label=_("Running out soon"),
            summary=_("Reminds people of what they buy regularly."),
            suits=_("Shops whose customers buy the same thing again and again."),
            goes=_("When it may be running out, going by how often they buy it."),
        ),
    )
    wording = (
        WordingField(
            "subject",
            _("Subject"),
            _("Time for {products}?"),
            ("products", "first_name", "shop"),
        ),
        WordingField(
            "opening",
            _("Opening"),
            _("Going by how often you buy it, this may be running out:"),
            ("products", "first_name", "shop"),
            long=True,
        ),
        WordingField(
            "closing",
            _("Closing words"),
            _("If you still have enough, there is nothing to do."),
            ("products", "first_name", "shop"),
            long=True,
        ),
        WordingField("button", _("Button"), _("Later, or not again")),
    )
    sample_words: ClassVar[dict[str, str]] = {"products": "Ethiopia 1 kg"}

    def refresh(self, automation: Automation, now: datetime) -> None:
        next_purchases.drain(now=now, seconds=REFRESH_SECONDS)

    def due(self, automation: Automation, window: Window, now: datetime) -> Due:
        return selectors.due_reorders(
            window.first_on,
            window.last_on,
            offset_days=automation.offset_days,
            now=now,
        )

    def due_ahead(self, automation: Automation, window: Window, now: datetime) -> Due:
        return selectors.reorders_ahead(
            window.first_on, window.last_on, offset_days=automation.offset_days
        )

    def planned(self, ids: Sequence[int], now: datetime) -> None:
        reorders.note_planned(ids)

    def no_longer_due(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, Reason]:
        """Asked of the orders themselves, so that nothing has to be up to date."""
        return reorders.over(messages, now=now)

    def prepare(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, MailContext]:
        """Lists what they have not bought or refused since; what became due on a later
        day keeps its place in a mail that goes for another product.
        """
        shop = crm.business()
        listed = selectors.items(messages, today=now.date())
        found: dict[int, MailContext] = {}
        products, shop_link = _products(listed), order_links.template()
        for message in messages:
            due = [item for item in listed[message.pk] if item.standing in _LISTED]
            if due:
                with override(message.language or shop.language):
                    found[message.pk] = _context(
                        due, message.pk, now, products, shop_link
                    )
        return found

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        ids = {entry["id"] for message in messages for entry in _listed(message)}
        names = {pk: str(row) for pk, row in Product.objects.in_bulk(ids).items()}
        return {message.pk: _explained(message, names) for message in messages}

    def sample(self, language: str, now: datetime) -> MailContext:
        with override(language):
            item = Item(
                product_id=0,
                product=gettext("Ethiopia 1 kg"),
                last_on=now.date() - timedelta(days=31),
                due_on=now.date(),
                days=31,
                was_put_off=False,
                again_on=None,
                standing=Standing.DUE,
            )
            return _context([item], 0, now, {})


def _products(listed: Mapping[int, Sequence[Item]]) -> dict[int, Product]:
    ids = {item.product_id for items in listed.values() for item in items}
    return Product.objects.in_bulk(ids)


def _context(
    due: Sequence[Item],
    message_id: int,
    now: datetime,
    products: Mapping[int, Product],
    shop_link: str = "",
) -> MailContext:
    known = [
        (products[item.product_id], item.quantity)
        for item in due
        if item.product_id in products
    ]
    return MailContext(
        values={
            "items": [
                {**_line(item), **_in_the_shop(item, products, shop_link)}
                for item in due
            ],
            "basket": order_links.basket_of(shop_link, known),
            "leads": any(
                order_links.link_of(shop_link, product, quantity)
                for product, quantity in known
            ),
        },
        links={
            "choices": LinkTo(Purpose.REORDER, message_id, PATH, now + LINK_LIVES_FOR)
        },
        words={"products": words.products([item.product for item in due])},
        footer_reason=gettext(
            "You get this reminder because you have bought from us several times."
        ),
    )


def _line(item: Item) -> dict[str, str]:
    """Plain texts for the templates; no span where only the customer's wish counts."""
    by_rhythm = item.days and not item.was_put_off
    return {
        "product": item.product,
        "basis": item.basis.value,
        "span": words.span(item.days or 0) if by_rhythm else "",
        "day": formats.full_day(item.last_on),
    }


def _in_the_shop(
    item: Item, products: Mapping[int, Product], shop_link: str
) -> dict[str, str]:
    """Where it can be ordered again, and what it costs now; empty where not known."""
    product = products.get(item.product_id)
    link = product and order_links.link_of(shop_link, product, item.quantity)
    if product is None or not link:
        return {"link": "", "price": "", "picture": ""}
    has_price = product.price is not None
    return {
        "link": link,
        "price": formats.money(product.price, product.currency) if has_price else "",
        "picture": product.picture,
    }


def _listed(message: Message) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = message.why.get("products", [])
    return listed


def _explained(message: Message, names: dict[int, str]) -> str:
    listed = [entry for entry in _listed(message) if entry["id"] in names]
    if not listed:
        return gettext("The products it reminds of are gone.")
    first = listed[0]
    what = words.products([names[entry["id"]] for entry in listed])
    day = formats.full_day(date.fromisoformat(first["last"]))
    if first.get("again"):
        return gettext("Put off: %(products)s, last bought on %(day)s.") % {
            "products": what,
            "day": day,
        }
    reason = _REASONS[Basis(first.get("basis", Basis.OWN.value))]
    span = words.span(first["days"])
    return str(reason) % {"products": what, "span": span, "day": day}


_REASONS = {
    Basis.OWN: _("Due: %(products)s, bought about every %(span)s, last on %(day)s."),
    Basis.PRODUCT: _(
        "Due: %(products)s, last bought on %(day)s; others buy it again after about "
        "%(span)s."
    ),
    Basis.SUPPLY: _(
        "Due: %(products)s, last bought on %(day)s; it lasts about %(span)s."
    ),
    Basis.SEASON: _("Due: %(products)s, last bought on %(day)s; its season begins."),
}
