"""Arguments of the import commands that say to whom we may write."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any


def add_mail_arguments(parser: ArgumentParser) -> None:
    """Those of the import of customers."""
    parser.add_argument(
        "--ground",
        default="",
        metavar="WORDS",
        help="why those of the file who have no order may get surveys and reminders,"
        " such as 'Gave us their card at the fair in May'",
    )
    parser.add_argument(
        "--consent",
        type=_column_and_words,
        metavar="COLUMN=WORDS",
        help="take yes to offers from this column; WORDS say where it was given",
    )
    parser.add_argument(
        "--birthday-consent",
        type=_column_and_words,
        metavar="COLUMN=WORDS",
        help="take yes to birthday greetings from this column, in the same way",
    )
    add_opt_out_scope(parser)


def add_opt_out_scope(parser: ArgumentParser) -> None:
    """The option `--opt-out-scope`."""
    parser.add_argument(
        "--opt-out-scope",
        default="all",
        metavar="CLASSES",
        help="which mail an opt-out stops that does not say so: marketing, survey,"
        " loyalty, birthday, with commas between them (default: all)",
    )


def consent_column(options: dict[str, Any]) -> dict[str, str]:
    """The mapping of the columns that --consent and --birthday-consent name."""
    found = {
        "email_consent": options.get("consent"),
        "birthday_consent": options.get("birthday_consent"),
    }
    return {field: named[0] for field, named in found.items() if named}


def mail_options(options: dict[str, Any]) -> dict[str, Any]:
    """The fields of Options."""
    named = [options.get("consent"), options.get("birthday_consent")]
    words = dict.fromkeys(one[1] for one in named if one)
    return {
        "ground": options.get("ground", ""),
        "consent": "; ".join(words),
        "opt_out_scope": options.get("opt_out_scope", "all"),
        "opt_out_kind": options.get("kind", "withdrawal"),
    }


def _column_and_words(argument: str) -> tuple[str, str]:
    column, equals, words = argument.partition("=")
    if not (equals and column.strip() and words.strip()):
        raise ArgumentTypeError("write it as column=where the yes was given")
    return column.strip(), words.strip()
