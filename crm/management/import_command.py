"""What both import commands share: arguments, progress, the report in words."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from crm.management.cell_arguments import add_cell_arguments, cell_options
from crm.management.mail_arguments import consent_column, mail_options
from crm.management.person_arguments import person_options
from crm.rules.choices import ImportState, ProductNature
from crm.rules.trade import CodePattern
from crm.services import audit, product_rules
from crm.services.imports.drafts import with_preset
from crm.services.imports.headers import DELIMITER_NAMES
from crm.services.imports.presets import BY_NAME
from crm.services.imports.proposals import MOST_SHOWN
from crm.services.imports.reasons import in_words, note_in_words
from crm.services.imports.running import Options, Report
from web.errors import DomainError

BAR_WIDTH = 30
RULE_OPTIONS = {
    ProductNature.POSTAGE: "postage",
    ProductNature.FEE: "fees",
    ProductNature.GIFT_CARD: "gift_cards",
    ProductNature.ADJUSTMENT: "adjustments",
    ProductNature.PRODUCT: "goods",
}


class ImportCommand(BaseCommand):
    """A command that imports one file by `service` and prints its report."""

    service: Callable[..., Report]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file",
            type=Path,
            metavar="FILE",
            help="CSV, TSV, XLSX or ODS, plain or packed as .zip or .gz",
        )
        parser.add_argument(
            "--map",
            type=_pair,
            action="append",
            default=[],
            metavar="FIELD=COLUMN",
            help="take FIELD from the column of another name; may be given many times",
        )
        parser.add_argument(
            "--preset",
            default="",
            choices=["", *BY_NAME],
            metavar="NAME",
            help="take columns and words as a known program writes them: "
            + ", ".join(BY_NAME),
        )
        parser.add_argument("--source", default="main", help="whose ids these are")
        parser.add_argument(
            "--time-zone",
            default="",
            metavar="ZONE",
            help="zone of times that name none (default: the shop's)",
        )
        parser.add_argument(
            "--encoding",
            default="",
            metavar="NAME",
            help="encoding of the file, such as windows-1255 (default: found out)",
        )
        add_cell_arguments(parser)
        parser.add_argument(
            "--delimiter",
            type=_delimiter,
            default="",
            metavar="MARK",
            help="what stands between cells: a character, or comma, semicolon, tab, "
            "pipe (default: found out)",
        )
        parser.add_argument(
            "--sheet",
            default="",
            metavar="NAME",
            help="the sheet of a workbook, or the file of an archive of several "
            "(default: the first sheet with a table)",
        )
        parser.add_argument(
            "--header-row",
            type=_line,
            default=0,
            metavar="N",
            help="the line that names the columns (default: found out)",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="check and count, write nothing"
        )
        parser.add_argument(
            "--rejects", type=Path, metavar="FILE", help="write the refused rows here"
        )
        parser.add_argument(
            "--json", action="store_true", help="the counts as one object, last line"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        actor = audit.Actor(kind="system", id=None, via="command")
        try:
            with audit.acting(actor):
                report = type(self).service(
                    options["file"],
                    with_preset(options["file"], _options(options), options["preset"]),
                    now=timezone.now(),
                    progress=self._progress(),
                )
        except DomainError as error:
            raise CommandError(error.message) from None
        self._tell(report)
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json()))
        if report.state is ImportState.CANCELLED:
            sys.exit(130)

    def _progress(self) -> Callable[[int, int], None]:
        if not self.stderr.isatty():
            return lambda done, total: None
        return self._draw

    def _draw(self, done: int, total: int) -> None:
        part = done / total if total else 1.0
        bar = "█" * round(part * BAR_WIDTH)
        end = "\n" if done >= total else ""
        self.stderr.write(
            f"\r{bar:░<{BAR_WIDTH}} {part:4.0%}  {done:,} of {total:,} rows",
            ending=end,
            style_func=str,
        )
        self.stderr.flush()

    def _tell(self, report: Report) -> None:
        """In words, to stderr: stdout is for the one object of --json."""
        lines = [
            f"{report.read:,} rows read, {report.accepted:,} accepted, "
            f"{report.refused:,} refused, in {report.seconds:.1f} s",
            f"{report.created:,} created, {report.updated:,} updated, "
            f"{report.unchanged:,} unchanged",
        ]
        for code, count in report.refused_by_reason.most_common():
            why = in_words(code, _cell_of(code, report))
            lines.append(f"  refused {count:>9,}  {code}: {why}")
        for code, count in report.notes.most_common():
            known = ", ".join(map(repr, report.notes.examples[code]))
            lines.append(
                f"  note    {count:>9,}  {note_in_words(code)}"
                + (f", such as {known}" if known else "")
            )
        lines += [
            f"  line {one['line']:,}, {one['column']} {one['cell']!r}: "
            f"{note_in_words(one['code'])}"
            for one in report.left_out[:MOST_SHOWN]
        ]
        read = ", ".join(report.samples)
        lines.append(f"  text read as {report.encoding}{': ' if read else ''}{read}")
        if report.ignored:
            shown = ", ".join(report.ignored[:20])
            lines.append(f"  columns not used: {shown}")
        lines += _proposed(report)
        if report.read == 0:
            lines.append("The file has a header and no rows.")
        if report.state is ImportState.CANCELLED:
            lines.append("Cancelled: what is counted here stands, the rest is not in.")
        for line in lines:
            self.stderr.write(line, style_func=str)


def _cell_of(code: str, report: Report) -> str:
    """An example of the cells that were refused so."""
    return next((one["cell"] for one in report.problems if one["code"] == code), "")


def _options(options: dict[str, Any]) -> Options:
    mapping = dict(options["map"])
    if len(mapping) != len(options["map"]):
        raise CommandError("A field is mapped twice.")
    mapping |= consent_column(options)
    return Options(
        source=options["source"],
        mapping=mapping,
        time_zone=options["time_zone"],
        encoding=options["encoding"],
        delimiter=options["delimiter"],
        sheet=options["sheet"],
        header_row=options["header_row"],
        as_of=options.get("as_of", ""),
        create_customers=options.get("create_customers", False),
        **cell_options(options),
        **mail_options(options),
        **person_options(options),
        rules=_rules(options),
        dry_run=options["dry_run"],
        rejects=options["rejects"],
    )


def _rules(options: dict[str, Any]) -> tuple[CodePattern, ...]:
    """What the operator says of codes, each code once."""
    given = [
        (code.strip(), nature)
        for nature, option in RULE_OPTIONS.items()
        for codes in options.get(option, [])
        for code in codes.split(",")
    ]
    if len({code.upper() for code, _ in given}) != len(given):
        raise CommandError("A product code is named twice.")
    try:
        return tuple(product_rules.checked(code, nature) for code, nature in given)
    except DomainError:
        raise CommandError("A product code is empty or too long.") from None


def _proposed(report: Report) -> list[str]:
    """Codes that may be no goods: what speaks for it, and how to say yes or no."""
    found = report.proposals.founded()
    if not found:
        return []
    more = len(found) - MOST_SHOWN
    return [
        "  These codes may be no goods. They count as goods until you say otherwise:",
        *(f"    {one.in_words()}" for one in found[:MOST_SHOWN]),
        *([f"    and {more} more"] if more > 0 else []),
        "  Import the file again with these options, or --goods CODE for what is one;",
        "  the answer is kept for the source (in the admin: Product rules).",
    ]


def _pair(argument: str) -> tuple[str, str]:
    field, equals, column = argument.partition("=")
    if not (equals and field.strip() and column.strip()):
        raise ArgumentTypeError("write it as field=column")
    return field.strip(), column.strip()


def _delimiter(argument: str) -> str:
    return DELIMITER_NAMES.get(argument.strip().lower(), argument)


def _line(argument: str) -> int:
    if not argument.isascii() or not argument.isdigit() or not int(argument):
        raise ArgumentTypeError("lines are counted from 1")
    return int(argument)
