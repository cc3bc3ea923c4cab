"""Words that the reminder's mail and its page share, in the language that is active."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from loyalty.choices import Basis
from loyalty.selectors.reorders import Item, Standing
from web import formats


def products(names: Sequence[str]) -> str:
    """Ethiopia 1 kg; or Ethiopia 1 kg and 2 more."""
    others = len(names) - 1
    if others < 1:
        return "".join(names)
    return ngettext(
        "%(product)s and %(others)d more", "%(product)s and %(others)d more", others
    ) % {"product": names[0], "others": others}


def span(days: int) -> str:
    """How long a purchase lasts: 31 days."""
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


def years(n: int) -> str:
    """How long somebody has been a customer: 3 years."""
    return ngettext("%(n)s year", "%(n)s years", n) % {"n": n}


def reason(item: Item) -> str:
    """Why a product is listed, as one sentence for the customer."""
    day = formats.full_day(item.last_on)
    if item.was_put_off or item.days is None:
        return _(
            "You asked us to remind you of %(product)s, which you last bought on "
            "%(day)s."
        ) % {"product": item.product, "day": day}
    return _BY_BASIS[item.basis]() % {
        "product": item.product,
        "span": span(item.days),
        "day": day,
    }


_BY_BASIS = {
    Basis.OWN: lambda: _("You buy %(product)s about every %(span)s, last on %(day)s."),
    Basis.PRODUCT: lambda: _(
        "Others buy %(product)s again after about %(span)s; you last bought it on "
        "%(day)s."
    ),
    Basis.SUPPLY: lambda: _(
        "%(product)s lasts about %(span)s; you last bought it on %(day)s."
    ),
    Basis.SEASON: lambda: _(
        "The season of %(product)s begins; you last bought it on %(day)s."
    ),
}


def suggested(why: str, bought: str) -> str:
    """Why a product is suggested to somebody who bought that one."""
    return _WHY_SUGGESTED[why]() % {"product": bought}


_WHY_SUGGESTED = {
    "found": lambda: _("Many who bought %(product)s bought it in the same order."),
    "chosen": lambda: _("We would choose it to go with %(product)s."),
    "same": lambda: _("Of the same kind as %(product)s, which you bought."),
}


def weeks(n: int) -> str:
    """How much later: 2 weeks."""
    return ngettext("%(n)s week", "%(n)s weeks", n) % {"n": n}


def holds(standing: Standing, day: str = "") -> str:
    """What holds now for a product of a reminder, where nothing is asked any more."""
    if standing is Standing.PUT_OFF:
        return _("We remind you again on %(day)s") % {"day": day}
    return {
        Standing.REFUSED: _("We do not remind you of this any more"),
        Standing.REORDERED: _("You have bought it again"),
        Standing.MOVED: _("Your order changed, so this reminder is over"),
        Standing.NO_PRODUCT: _("This reminder is over"),
    }[standing]
