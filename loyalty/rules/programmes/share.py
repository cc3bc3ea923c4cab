"""How much of an order units may pay, and how many of them that takes."""

from decimal import ROUND_DOWN, Decimal

from web.rules.money import UNITS, places_of

_NOTHING = Decimal(0)


def most_money(
    total: Decimal,
    percent: int | None,
    currency: str,
    *,
    by_this: Decimal = _NOTHING,
    by_all: Decimal = _NOTHING,
) -> Decimal:
    """The most that may still be paid of an order of `total`, in its money: `percent`
    of it (None: all), rounded down, less what this programme paid already; and never
    more than what all programmes left of it."""
    share = total * (100 if percent is None else percent) / 100
    share = share.quantize(UNITS[places_of(currency)], ROUND_DOWN)
    return max(_NOTHING, min(share - by_this, total - by_all))


def units_for(money: Decimal, worth: Decimal, places: int) -> Decimal:
    """As many units of `worth` as pay this much, and not more."""
    return (money / worth).quantize(UNITS[places], ROUND_DOWN)
