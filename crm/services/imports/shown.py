"""What a draft keeps of its file: how it is read, its first rows, words of a column."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from crm.models import StoredFile
from crm.services import files
from crm.services.imports import preview
from crm.services.imports.columns import Fields
from crm.services.imports.containers import Limit, readable
from crm.services.imports.options import Options
from crm.services.imports.reading import Layout, open_table

CELL_MOST = 120
# How far words of a column are looked for: some seconds of a large file.
SEARCHED_ROWS = 20_000
# More different words are no states, and no countries.
MOST_WORDS = 400
# No column is looked for: people say which one is which.
_ANY = Fields(required=frozenset(), known=frozenset())


@dataclass(frozen=True)
class Shown:
    """The answer of `preview.describe`, as a draft keeps it."""

    kind: str
    packed: str
    member: str
    sheet: str
    sheets: list[str]
    encoding: str
    samples: list[str]
    delimiter: str
    header_row: int
    titles: list[str]
    header: list[str]
    rows: list[list[str]]
    notes: list[str]
    # Column → its words and how often each stands there, once they were looked for.
    words: dict[str, dict[str, int]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """All of it for the report of a run."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Shown":
        """What `as_json` gave."""
        return cls(**data)

    @property
    def reading(self) -> dict[str, Any]:
        """The options that read the file in this very way."""
        return {
            "encoding": "" if self.sheet else self.encoding,
            "delimiter": self.delimiter,
            "sheet": "/".join(name for name in (self.member, self.sheet) if name),
            "header_row": self.header_row,
        }

    def cells(self, names: Collection[str]) -> list[str]:
        """What stands in these columns, row by row."""
        places = [at for at, name in enumerate(self.header) if name in names]
        return [row[at] for row in self.rows for at in places if at < len(row)]

    def examples(self, column: int, most: int = 3) -> dict[int, str]:
        """The first different values of a column, by the place of their row."""
        found: dict[str, int] = {}
        for at, row in enumerate(self.rows):
            if cell := row[column].strip() if column < len(row) else "":
                found.setdefault(cell, at)
        return {at: cell for cell, at in islice(found.items(), most)}


def look(file: StoredFile, options: Options) -> Shown:
    """Read the beginning of the file. Raises FileUnusable."""
    with files.local_copy(file) as path:
        found = asdict(preview.describe(path, options))
    found["rows"] = [[cell[:CELL_MOST] for cell in row] for row in found["rows"]]
    listed = {name: list(found[name]) for name in ("sheets", "samples", "titles")}
    listed |= {name: list(found[name]) for name in ("header", "notes")}
    return Shown(**{**found, **listed})


def words_of(
    file: StoredFile, shown: Shown, columns: Collection[str]
) -> dict[str, dict[str, int]]:
    """How often each word stands in these columns, in the first rows of the file."""
    found = {column: Counter[str]() for column in columns}
    places = [(shown.header.index(column), words) for column, words in found.items()]
    layout = Layout(shown.reading["encoding"], shown.delimiter, shown.header_row)
    with (
        files.local_copy(file) as path,
        readable(
            path,
            sheet=shown.reading["sheet"],
            limit=Limit(rows=SEARCHED_ROWS + shown.header_row),
        ) as text,
    ):
        table = open_table(text, _ANY, {}, layout)
        for _, row in islice(table.rows(), SEARCHED_ROWS):
            for at, words in places:
                if at < len(row) and (word := row[at].strip()[:CELL_MOST]):
                    words[word] += 1
    return {name: dict(words.most_common(MOST_WORDS)) for name, words in found.items()}
