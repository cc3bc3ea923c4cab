"""Names of ready-made programmes, and what each is, for staff to choose from."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


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
