"""What members read of their balance, in the language that is active."""

from datetime import date
from decimal import Decimal

from django.utils.translation import get_language, get_language_bidi, ngettext
from django.utils.translation import gettext as _

from loyalty.choices import EntryKind, Unit
from loyalty.models import Programme
from loyalty.rules.codes import NO_RECEIPT
from loyalty.selectors.programmes import Expiring, Standing
from web import formats

# What staff add at the till by one press, or for money that was paid, and their undo.
BY_PRESS = "hand:till:"
_AT_TILL = (BY_PRESS, NO_RECEIPT)
# Days on which something runs out, as many as are told.
_MOST_DAYS = 6
# By which amounts of money begin in Hebrew.
_RLM = "\u200f"


def units(programme: Programme, amount: Decimal) -> str:
    """ "1,240 points", "7 stamps", "€4.50"."""
    if programme.unit == Unit.MONEY.value:
        return formats.money(amount, programme.currency)
    return _counted(programme, amount, "")


def change(programme: Programme, amount: Decimal) -> str:
    """What was added or taken: "+1 stamp", "\u22122 stamps"."""
    sign = "+" if amount > 0 else "\u2212"
    if programme.unit == Unit.MONEY.value:
        money = formats.money(abs(amount), programme.currency)
        if get_language_bidi():
            # The sign stays before its number, as CLDR has it of what is below zero.
            return f"{_RLM}\u200e{sign}{money.removeprefix(_RLM)}"
        return f"{sign}{money}"
    return _counted(programme, abs(amount), sign)


def _counted(programme: Programme, amount: Decimal, sign: str) -> str:
    rounded = round(amount, programme.places)
    # Fractions take the plural: 1.5 points.
    count = int(rounded) if rounded == int(rounded) else 2
    words = _own_words(programme, count) or (
        ngettext("%(n)s stamp", "%(n)s stamps", count)
        if programme.unit == Unit.STAMPS.value
        else ngettext("%(n)s point", "%(n)s points", count)
    )
    number = f"{sign}{formats.number(rounded)}"
    if sign and get_language_bidi():
        # The sign stays before its number, between words that go the other way.
        number = f"\u2066{number}\u2069"
    return words % {"n": number}


def _own_words(programme: Programme, count: int) -> str:
    """As the owner calls the unit in this language; "" where they do not."""
    words = programme.wording.get(get_language() or "")
    if words is None or not words.unit_one:
        return ""
    # Translators: a number and what is counted, such as "3 leaves".
    unit = (words.unit_one if count == 1 else words.unit_many).replace("%", "%%")
    return _("%(n)s %(unit)s") % {"n": "%(n)s", "unit": unit}


def happened(kind: str, source_key: str) -> str:
    """Why a balance changed, of the kind and the key of the entry."""
    if source_key.startswith(_AT_TILL):
        return _("At the till")
    if kind == EntryKind.REVERSED.value and source_key.endswith(":undone"):
        return _("Put right by us")
    if kind == EntryKind.REVERSED.value and ":released" in source_key:
        return _("Back on the balance")
    return {
        EntryKind.EARNED.value: _("Earned"),
        EntryKind.SPENT.value: _("Used"),
        EntryKind.EXPIRED.value: _("Ran out"),
        EntryKind.REVERSED.value: _("Taken back or given back after a return"),
        EntryKind.ADJUSTED.value: _("Put right by us"),
        EntryKind.IMPORTED.value: _("Brought over from before"),
        EntryKind.TRANSFERRED.value: _("Joined with another account of yours"),
    }[kind]


def of_order(number: str, products: int) -> str:
    """Of which order a change is; "" of none, and of one that only the till knows."""
    if not number or number.startswith(_AT_TILL):
        return ""
    # The number keeps its own direction of reading.
    words = {"number": f"\u2068{number}\u2069", "n": formats.number(products)}
    if not products:
        return _("Order %(number)s") % words
    return (
        ngettext(
            "Order %(number)s, %(n)s product",
            "Order %(number)s, %(n)s products",
            products,
        )
        % words
    )


def begins(day: date) -> str:
    """Of a programme that has yet to begin."""
    return _("Orders count from %(day)s on.") % {"day": formats.full_day(day)}


def usable_from(programme: Programme, amount: Decimal, day: date) -> str:
    """What is pending until a day."""
    return _("%(units)s can be used from %(day)s on.") % {
        "units": units(programme, amount),
        "day": formats.full_day(day),
    }


def until(programme: Programme, one: Expiring) -> str:
    """What runs out, and its last day."""
    return _("%(units)s can be used until %(day)s.") % {
        "units": units(programme, one.units),
        "day": formats.full_day(one.on),
    }


def notes(programme: Programme, standing: Standing) -> list[str]:
    """What it may pay at most, what is not usable yet, what runs out when, and what is
    owed."""
    found = []
    if programme.worth is not None and programme.share_percent is not None:
        found.append(
            _("Up to %(n)s%% of an order can be paid with it.")
            % {"n": formats.number(programme.share_percent)}
        )
    if standing.pending > 0 and standing.pending_until is not None:
        found.append(usable_from(programme, standing.pending, standing.pending_until))
    found += [until(programme, one) for one in standing.expiring[:_MOST_DAYS]]
    if standing.owed > 0:
        found.append(
            _("After returns, %(units)s are missing; what you earn next covers that.")
            % {"units": units(programme, standing.owed)}
        )
    return found
