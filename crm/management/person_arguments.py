"""Arguments that say whom a row of customers means, and what it may write."""

from argparse import ArgumentParser
from typing import Any

from crm.rules.import_modes import Identity, Match, Write


def add_person_arguments(parser: ArgumentParser) -> None:
    """Options of who a row is about, and what of them may change."""
    parser.add_argument(
        "--identity",
        choices=[*Identity],
        default="",
        help="what the id of a row is (default: the column external_id where the file"
        " has one, else a number of our own)",
    )
    parser.add_argument(
        "--match",
        choices=[*Match],
        default="",
        help="find a record by the id alone, or else by its address (default: also by"
        " the address where the file has no ids)",
    )
    parser.add_argument(
        "--write",
        choices=[*Write],
        default="",
        help="create and update (default), do only one of them, or only fill facts that"
        " are empty",
    )
    parser.add_argument(
        "--erase-empty",
        action="store_true",
        help="an empty cell erases what is known",
    )


def person_options(options: dict[str, Any]) -> dict[str, Any]:
    """The same as arguments of Options."""
    return {
        "identity": options.get("identity", ""),
        "match": options.get("match", ""),
        "write": options.get("write", ""),
        "erase_empty": options.get("erase_empty", False),
    }
