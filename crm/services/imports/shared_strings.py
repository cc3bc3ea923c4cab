"""The texts that the cells of an Excel workbook share, read as far as they are asked
for; beyond some megabytes they wait on the disk."""

import re
import tempfile
from array import array
from typing import IO

from crm.errors import FileUnusable
from crm.services.imports.markup import Attributes, Handler, local, steps

MOST_STRINGS = 20_000_000
KEPT_CHARACTERS = 60_000_000
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """A text with the signs that XML cannot hold, which Excel writes as _x000D_."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


class RichText(Handler):
    """Joins the runs of a text, without the blanks between them and without what says
    how a word is pronounced."""

    def __init__(self) -> None:
        super().__init__()
        self._kept = self._before = 0

    def begin(self) -> None:
        """Begin a text."""
        self.text.clear()
        self._kept = 0

    def start_run(self, name: str) -> None:
        """A part of the text begins; those of a pronunciation are left out."""
        if name == "t":
            del self.text[self._kept :]
        elif name == "rPh":
            self._before = self._kept

    def end_run(self, name: str) -> None:
        """A part of the text ends."""
        if name == "t":
            self._kept = len(self.text)
        elif name == "rPh":
            self._kept = self._before

    def taken(self) -> str:
        """The text; a new one begins."""
        found = "".join(self.text[: self._kept])
        self.begin()
        return unescaped(found)


class SharedStrings:
    """`known` are the first of them, as far as they were asked for."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        self._handler = _Strings()
        self._steps = steps(stream, self._handler) if stream else iter(())
        self._is_read = False
        self.known = self._handler.known

    def get(self, number: int) -> str:
        """The text of this number, from 0; nothing where there is none."""
        while number >= self._handler.count and not self._is_read:
            self._is_read = next(self._steps, self) is self
        return self._handler.get(number) if number < self._handler.count else ""


class _Strings(RichText):
    """Keeps the first texts, and the others in a file, with where each of them ends."""

    def __init__(self) -> None:
        super().__init__()
        self.known: list[str] = []
        self.count = 0
        self._room = KEPT_CHARACTERS
        self._ends = array("Q", [0])
        self._file: IO[bytes] | None = None

    def get(self, number: int) -> str:
        at = number - len(self.known)
        if at < 0:
            return self.known[number]
        assert self._file is not None
        self._file.seek(self._ends[at])
        found = self._file.read(self._ends[at + 1] - self._ends[at])
        return found.decode("utf-8", "surrogatepass")

    def start(self, name: str, attributes: Attributes) -> None:
        self.depth += 1
        name = local(name) if ":" in name else name
        if name == "si":
            self.begin()
        else:
            self.start_run(name)

    def end(self, name: str) -> None:
        self.depth -= 1
        name = local(name) if ":" in name else name
        if name == "si":
            self._keep(self.taken())
        else:
            self.end_run(name)

    def _keep(self, text: str) -> None:
        if self.count >= MOST_STRINGS:
            raise FileUnusable("The workbook holds too many texts. Save it as CSV.")
        self.count += 1
        if self._room > 0:
            # As Python keeps it, with what each text costs besides.
            self._room -= len(text) + 50
            self.known.append(text)
            return
        if self._file is None:
            # As long as the texts are needed.
            self._file = tempfile.TemporaryFile()  # noqa: SIM115
        self._file.seek(self._ends[-1])
        written = self._file.write(text.encode("utf-8", "surrogatepass"))
        self._ends.append(self._ends[-1] + written)
