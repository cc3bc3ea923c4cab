"""What staff choose from when they make programmes and rules."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.access import Role
from loyalty.choices import EarnEvent, Expiry, Measure, Rounding, Unit, WhoTakesPart


@dataclass(frozen=True)
class Label:
    """`name` is what the programme is called until staff call it otherwise."""

    name: Promise
    what: Promise


READY_MADE = {
    "visit_card": Label(
        _("The tenth visit"),
        _("A stamp for each order; a full card of 10 is a reward."),
    ),
    "item_card": Label(
        _("The tenth free"), _("A stamp for each item; a full card of 10 is a reward.")
    ),
    "points": Label(
        _("Points"),
        _(
            "A point for each 1 of money; 100 pay 1 of an order. What is earned runs"
            " out with the end of the next year."
        ),
    ),
}
FULL_CARD = _("A full card")

COUNTS: dict[str, Any] = {
    Unit.POINTS.value: _("Points"),
    Unit.MONEY.value: _("Money of one currency"),
    Unit.STAMPS.value: _("Stamps of a card"),
}
WHO: dict[str, Any] = {
    WhoTakesPart.ALL.value: _("All customers"),
    WhoTakesPart.SEGMENT.value: _("A segment"),
    WhoTakesPart.JOINING.value: _("Whoever joins under its terms"),
}
EXPIRY: dict[str, Any] = {
    Expiry.NEVER.value: _("Never"),
    Expiry.DAYS.value: _("So many days after it can be spent"),
    Expiry.MONTH_END.value: _("With the end of the month, so many months on"),
    Expiry.YEAR_END.value: _("With the end of the year, so many years on"),
    Expiry.INACTIVITY.value: _("So many days without earning or spending"),
}
EVENTS: dict[str, Any] = {
    EarnEvent.ORDER.value: _("An order"),
    EarnEvent.SIGN_UP.value: _("Signing up"),
    EarnEvent.STEP.value: _("A first step"),
    EarnEvent.OCCASION.value: _("An occasion"),
    EarnEvent.REVIEW.value: _("A review"),
}
# What it takes for each to earn.
EVENT_HINTS: dict[str, Any] = {
    EarnEvent.ORDER.value: _("Once it is delivered, and less once it is returned."),
    EarnEvent.SIGN_UP.value: _(
        "On joining; where everybody or a segment takes part, for each new customer."
    ),
    EarnEvent.STEP.value: _(
        "A task that you name, such as filling in a profile: a colleague ticks it off,"
        " or the shop reports it by the API."
    ),
    EarnEvent.OCCASION.value: _("Once a year, on the day."),
    EarnEvent.REVIEW.value: _("On our own pages, whatever its stars; once for each."),
}
OCCASIONS: dict[str, Any] = {
    "birthday": _("Their birthday"),
    "anniversary": _("The day they became a customer"),
    "first_order": _("The day of their first order"),
}
MEASURES: dict[str, Any] = {
    Measure.MONEY.value: _("The money that was paid"),
    Measure.VISIT.value: _("The visit"),
    Measure.ITEM.value: _("Each item"),
}
ROUNDING: dict[str, Any] = {
    Rounding.DOWN.value: _("Down: what is not full earns nothing"),
    Rounding.HALF_UP.value: _("To the nearest"),
}
ROLES: dict[str, Any] = {
    Role.OWNER.value: _("Owner"),
    Role.MANAGER.value: _("Manager"),
    Role.AGENT.value: _("Agent"),
    Role.MARKETER.value: _("Marketer"),
}
PROGRAMME_GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (
        _("What it is"),
        ("name", "counts", "currency", "places", "worth", "share_percent"),
    ),
    (_("Who is a member"), ("takes_part", "segment", "left_out")),
    (
        _("When it can be spent, and until when"),
        ("returns_days", "assumed_delivery_days", "expiry", "expires_after"),
    ),
)
RULE_GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (
        _("What it earns"),
        ("name", "key", "units", "measure", "per", "currency", "factor", "rounding"),
    ),
    (_("What counts"), ("minimum", "tax_percent", "not_discounted")),
    (
        _("Which products"),
        ("products", "categories", "not_products", "not_categories"),
    ),
    (_("Which customers"), ("only_for", "not_for")),
    (_("At most"), ("cap_order", "cap_day", "cap_month")),
)
# What fields are called where a change is told.
FIELDS: dict[str, Any] = {
    "name": _("Name"),
    "currency": _("Currency"),
    "places": _("Decimals"),
    "worth": _("Worth of one"),
    "share_percent": _("The most of an order, in percent"),
    "takes_part": _("Who takes part"),
    "segment": _("Segment"),
    "left_out": _("Without the segment"),
    "expiry": _("When it runs out"),
    "expires_after": _("After how many"),
    "returns_days": _("Days until it can be spent"),
    "assumed_delivery_days": _("Days to delivery"),
    "words": _("What members read"),
    "limits": _("What staff may add by hand"),
}
