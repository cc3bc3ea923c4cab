"""Reads the XML of spreadsheets piece by piece, in bounded memory.

Files are not trusted. A document type is refused, and with it every entity; so are
markup without end, elements within elements without end, and names without number:
each of them makes the parser hold more and more.
"""

from collections.abc import Iterator
from typing import IO
from xml.parsers import expat

from crm.errors import FileUnusable

CHUNK = 65_536
# Characters of a tag, levels of elements, and different names of elements and
# attributes; no spreadsheet comes near.
MOST_MARKUP = 1_000_000
MOST_DEPTH = 200
MOST_NAMES = 10_000
# Pieces of text that wait for the end of their cell.
MOST_PIECES = 5_000

Attributes = dict[str, str]


class Handler:
    """What is done with the markup: `start` and `end` of an element by its name as it
    is written. Both keep `depth`; `text` has the pieces since it was cleared.

    They are called for every cell twice and more: what they do is what it costs.
    """

    def __init__(self) -> None:
        self.text: list[str] = []
        self.depth = 0

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        raise NotImplementedError

    def end(self, name: str) -> None:
        """An element ends; its text was given before."""
        raise NotImplementedError


def steps(stream: IO[bytes], handler: Handler) -> Iterator[None]:
    """Parse the stream, yielding after each piece of it. Raises FileUnusable."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.text.append
    read = 0
    try:
        while chunk := stream.read(CHUNK):
            parser.Parse(chunk)
            read += len(chunk)
            at = parser.CurrentByteIndex
            if (
                read - at > MOST_MARKUP
                or handler.depth > MOST_DEPTH
                or len(parser.intern) > MOST_NAMES
                or len(handler.text) > MOST_PIECES
            ):
                raise FileUnusable(
                    "The workbook holds markup that no spreadsheet program writes. "
                    "Save it anew as XLSX or CSV."
                )
            yield
        parser.Parse(b"", True)
        yield
    except expat.ExpatError as error:
        raise FileUnusable(f"The workbook is damaged: {error}.") from None


def read_all(stream: IO[bytes], handler: Handler) -> None:
    """Give every element of the stream to the handler."""
    for _ in steps(stream, handler):
        pass


def local(name: str) -> str:
    """The name of an element or attribute without its prefix."""
    return name.rpartition(":")[2]


def _refuse_doctype(*_: object) -> None:
    raise FileUnusable(
        "The workbook declares a document type, which no spreadsheet program writes. "
        "It is not read. Save it anew as XLSX or CSV."
    )
