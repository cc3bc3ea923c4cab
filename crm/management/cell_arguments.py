"""Arguments of the import commands that say what the cells of a file mean."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import CommandError

from crm.services.imports.values.asked import GUESTS
from crm.services.imports.values.date_forms import ORDERS
from crm.services.imports.values.numbers import MARKS
from crm.services.imports.values.people import TAG_MARKS


def add_cell_arguments(parser: ArgumentParser) -> None:
    """Those of both commands."""
    parser.add_argument(
        "--value",
        type=_value,
        action="append",
        default=[],
        metavar="FIELD:THEIRS=OURS",
        help="read a word of the file as one of ours, such as"
        " status:Completed=delivered; may be given many times",
    )
    parser.add_argument(
        "--date-format",
        choices=[*ORDERS],
        default="",
        help="05/03/2026 is 5 March (dmy) or 3 May (mdy)",
    )
    parser.add_argument(
        "--serial-dates",
        action="store_true",
        help="read plain numbers in date columns as the days of spreadsheets",
    )
    parser.add_argument(
        "--country", default="", metavar="CODE", help="of rows that name none"
    )


def add_customer_arguments(parser: ArgumentParser) -> None:
    """Options of how cells of customers are written."""
    parser.add_argument(
        "--language", default="", metavar="CODE", help="of rows that name none"
    )
    parser.add_argument(
        "--tags-by",
        choices=[mark for mark in TAG_MARKS if mark],
        default="",
        help="what separates tags (default: whichever of both a cell has)",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="refuse a row for a cell that cannot be read instead of leaving it out",
    )


def add_number_arguments(parser: ArgumentParser) -> None:
    """How numbers of the file are written."""
    parser.add_argument(
        "--numbers",
        choices=[mark for mark in MARKS if mark],
        default="",
        help="1.299 is a bit more than one (point) or a thousand and more (comma)",
    )
    parser.add_argument(
        "--decimal-comma",
        action="store_const",
        const="comma",
        default="",
        help="the same as --numbers comma",
    )


def add_price_arguments(parser: ArgumentParser, *, of: str) -> None:
    """What prices are in, and how they are written."""
    parser.add_argument(
        "--currency", default="", metavar="CODE", help=f"of {of} that name none"
    )
    add_number_arguments(parser)


def add_order_arguments(parser: ArgumentParser) -> None:
    """Options of how cells of orders are written, with those of prices."""
    add_price_arguments(parser, of="orders")
    parser.add_argument(
        "--guests",
        choices=[guests for guests in GUESTS if guests],
        default="",
        help="people: make people of buyers without an id, by their address (column"
        " email); orders: the same, and keep an order without an address under a record"
        " of its own (default: such orders are refused)",
    )


def add_subscription_arguments(parser: ArgumentParser) -> None:
    """Options of how cells of contracts are written, with those of prices."""
    add_price_arguments(parser, of="contracts")
    parser.add_argument(
        "--as-of",
        default="",
        metavar="DAY",
        help="the day that the file is of (2026-11-21; default: today): contracts that"
        " give months so far began so many before it, and those that are cancelled on"
        " no day of their own ended on it",
    )


def cell_options(options: dict[str, Any]) -> dict[str, Any]:
    """The same as arguments of Options."""
    comma = options.get("decimal_comma", "")
    if comma and options["numbers"] == "point":
        raise CommandError("--decimal-comma and --numbers point contradict each other.")
    value_map: dict[str, dict[str, str]] = {}
    for field, theirs, ours in options["value"]:
        value_map.setdefault(field, {})[theirs] = ours
    defaults = {
        name: options[name].strip()
        for name in ("currency", "country", "language", "programme", "scale")
        if options.get(name)
    }
    return {
        "value_map": value_map,
        "defaults": defaults,
        "date_order": options["date_format"],
        "serial_dates": options["serial_dates"],
        "numbers": options.get("numbers") or comma,
        "tag_mark": options.get("tags_by", ""),
        "strict": options.get("strict", False),
        "guests": options.get("guests", ""),
    }


def _value(argument: str) -> tuple[str, str, str]:
    field, colon, words = argument.partition(":")
    theirs, equals, ours = words.rpartition("=")
    if not (colon and equals and field.strip() and theirs.strip()):
        raise ArgumentTypeError("write it as field:theirs=ours")
    return field.strip(), theirs.strip(), ours.strip()
