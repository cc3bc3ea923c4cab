"""Amounts of money: one rounding rule, one table of currencies, one way to read them.

A line's amount is rounded once, half up, to the places of its currency. An order's
total is the plain sum of its lines' amounts, so that it can be added up by hand.
"""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from web.errors import InvalidValue

# ISO 4217, in use in 2026. Currencies not named in OTHER_PLACES have two places.
_CODES = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD
    BTN BWP BYN BZD CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN
    ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR
    ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL
    MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN
    PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP
    STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND
    VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES = frozenset(_CODES.split())
NO_PLACES = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
THREE_PLACES = "BHD IQD JOD KWD LYD OMR TND"
FOUR_PLACES = "CLF"
OTHER_PLACES = {
    **dict.fromkeys(NO_PLACES.split(), 0),
    **dict.fromkeys(THREE_PLACES.split(), 3),
    **dict.fromkeys(FOUR_PLACES.split(), 4),
}
# What every column of money holds, so that no currency is cut where it is stored.
MOST_PLACES = max(OTHER_PLACES.values())
UNITS = tuple(Decimal(1).scaleb(-places) for places in range(MOST_PLACES + 1))

_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def places_of(currency: str) -> int:
    """Decimal places of a currency by ISO 4217: 0 for JPY, 3 for KWD, else 2."""
    return OTHER_PLACES.get(currency, 2)


def round_money(amount: Decimal, currency: str) -> Decimal:
    """Half up, away from zero, at the places of the currency: 1.005 EUR is 1.01.

    An amount that was stored has the places of its column; this gives it its own again.
    """
    rounded = amount.quantize(UNITS[places_of(currency)], ROUND_HALF_UP)
    return rounded or abs(rounded)  # never -0.00


def line_amount(quantity: Decimal, unit_price: Decimal, currency: str) -> Decimal:
    """Exact before it is rounded: up to 28 digits, more than both columns hold."""
    return round_money(quantity * unit_price, currency)


def unmistakable(number: Decimal) -> Decimal:
    """With one more decimal where three could be thousands: 1.125 is 1.1250."""
    if abs(number) >= 1 and number.as_tuple().exponent == -3:
        return number.quantize(UNITS[4])
    return number


def order_total(amounts: Iterable[Decimal]) -> Decimal:
    """The sum of amounts that are rounded already."""
    return sum(amounts, Decimal(0))


def valid_currency(text: str, *, field: str = "currency") -> str:
    """An ISO 4217 code in upper case, given in any case."""
    code = text.strip().upper()
    if code not in CURRENCIES:
        raise InvalidValue(fields={field: "currency_unknown"})
    return code


def parse_decimal(
    text: str,
    *,
    field: str,
    digits: int = 10,
    places: int = 4,
    least: Decimal | None = None,
) -> Decimal:
    """A number as machines write it: ASCII digits, one point, a leading minus at most.

    Spaces around it are ignored and -0 is 0. Refused: NaN, Infinity, exponents, 1_000,
    1,5, 0x10, digits of other scripts, and what the column cannot hold exactly.
    """
    plain = text.strip(" ")
    if len(plain) > 64 or not _PLAIN_NUMBER.fullmatch(plain):
        raise InvalidValue(fields={field: "number_invalid"})
    whole, _, fraction = plain.lstrip("-").partition(".")
    if len(whole.lstrip("0")) > digits or len(fraction.rstrip("0")) > places:
        raise InvalidValue(fields={field: "number_out_of_range"})
    number = Decimal(plain)
    if not number:
        number = Decimal(0)
    if least is not None and number < least:
        raise InvalidValue(fields={field: "number_out_of_range"})
    return number
