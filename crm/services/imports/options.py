"""What the operator asked of an import; the same in a command and in a job."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from crm.rules.choices import ProductNature
from crm.rules.trade import CodePattern
from crm.services.imports.reading import Layout
from crm.services.imports.values.asked import CellRules


@dataclass(frozen=True)
class Options:
    """What the operator asked for."""

    source: str = "main"
    mapping: Mapping[str, str] = field(default_factory=dict)
    time_zone: str = ""
    encoding: str = ""
    # One character; nothing: found out. So are the sheet (or the file of an archive)
    # and the line of the header.
    delimiter: str = ""
    sheet: str = ""
    header_row: int = 0
    create_customers: bool = False
    # Of customers; see modes.py. Empty: what the columns of the file allow, and
    # create_update.
    match: str = ""
    write: str = ""
    identity: str = ""
    erase_empty: bool = False
    # What cells mean; see values.asked.CellRules.
    value_map: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    date_order: str = ""
    numbers: str = ""
    tag_mark: str = ""
    serial_dates: bool = False
    guests: str = ""
    # Of contracts: the day that the file is of, as 2026-11-21; empty: today.
    as_of: str = ""
    strict: bool = False
    # Why people of the file may be written to who have no order, in words.
    ground: str = ""
    # Where the yes in the column `email_consent` comes from, in words. Without them a
    # file grants nothing.
    consent: str = ""
    # Which mail an opt-out stops that does not say so: classes, or all of them.
    opt_out_scope: str = "all"
    # What a row of a list of opt-outs is that does not say so.
    opt_out_kind: str = "withdrawal"
    # What people say of codes; kept for the source.
    rules: tuple[CodePattern, ...] = ()
    dry_run: bool = False
    rejects: Path | None = None

    @property
    def layout(self) -> Layout:
        """How the file is laid out, as far as it was chosen."""
        return Layout(self.encoding, self.delimiter, self.header_row)

    @property
    def cells(self) -> CellRules:
        """How cells are read."""
        return CellRules(
            value_map=self.value_map,
            defaults=self.defaults,
            date_order=self.date_order,
            numbers=self.numbers,
            tag_mark=self.tag_mark,
            guests=self.guests,
            has_serial_dates=self.serial_dates,
            is_strict=self.strict,
        )

    def as_json(self) -> dict[str, Any]:
        """All of it but `rejects`, which is a path of the command's own machine."""
        kept = {each.name: getattr(self, each.name) for each in fields(self)}
        del kept["rejects"]
        kept["mapping"] = dict(self.mapping)
        kept["defaults"] = dict(self.defaults)
        kept["value_map"] = {
            name: dict(words) for name, words in self.value_map.items()
        }
        kept["rules"] = [[rule.pattern, rule.nature.value] for rule in self.rules]
        return kept

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Options":
        """What `as_json` wrote; a field that this version does not know is left out."""
        known = {each.name for each in fields(cls)} - {"rejects"}
        kept = {name: value for name, value in data.items() if name in known}
        kept["rules"] = tuple(
            CodePattern(pattern, ProductNature(nature))
            for pattern, nature in data.get("rules", ())
        )
        return cls(**kept)
