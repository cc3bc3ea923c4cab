"""The reminder of what runs out: one mail for all products that are due."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext, gettext_lazy, override

from crm.models import Product
from loyalty import words
from loyalty.choices import Basis
from loyalty.kinds.letter_words import letter_words
from loyalty.kinds.listing import Listing, Shelf, choices_of
from loyalty.selectors import reorders as selectors
from loyalty.selectors.reorders import Item, Standing
from loyalty.services import next_purchases, reorders
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
from web import formats

_ = gettext_lazy

_LISTED = {Standing.DUE, Standing.LATER}
# Of one sweep; the rest of a great import is worked out by the next ones.
REFRESH_SECONDS = 30


class Reorder(Listing):
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
    wording = letter_words(
        _("Time for {products}?"),
        _("Going by how often you buy it, this may be running out:"),
        _("If you still have enough, there is nothing to do."),
        button=_("Later, or not again"),
        asked=("products", "first_name", "shop"),
    )
    sample_words: ClassVar[dict[str, str]] = {"products": "Ethiopia 1 kg"}

    def refresh(self, automation: Automation, now: datetime) -> None:
        next_purchases.process_pending(now=now, seconds=REFRESH_SECONDS)

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

    def listed(
        self, messages: Sequence[Message], now: datetime
    ) -> Mapping[int, Sequence[Item]]:
        """What they have not bought or refused since; what became due on a later day
        keeps its place in a mail that goes for another product.
        """
        found = selectors.items(messages, today=now.date())
        return {
            pk: [item for item in items if item.standing in _LISTED]
            for pk, items in found.items()
        }

    def named(self, item: Item) -> Iterable[int]:
        return (item.product_id,)

    def written(
        self, items: Sequence[Item], shelf: Shelf, choices: LinkTo
    ) -> MailContext:
        lines = [
            {**_line(item), **shelf.shown(item.product_id, item.quantity)}
            for item in items
        ]
        wanted = [(item.product_id, item.quantity) for item in items]
        return MailContext(
            values={
                "items": lines,
                "basket": shelf.basket(wanted),
                "leads": any(line["link"] for line in lines),
            },
            links={"choices": choices},
            words={"products": words.products([item.product for item in items])},
            footer_reason=gettext(
                "You get this reminder because you have bought from us several times."
            ),
        )

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
            return self.written([item], Shelf({}), choices_of(0, now))


def _line(item: Item) -> dict[str, Any]:
    """For the templates; no span where only the customer's wish counts."""
    by_rhythm = item.days and not item.was_put_off
    return {
        "product": item.product,
        # A template cannot compare texts.
        **{f"is_by_{basis.value}": item.basis is basis for basis in Basis},
        "span": words.span(item.days or 0) if by_rhythm else "",
        "day": formats.full_day(item.last_on),
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
