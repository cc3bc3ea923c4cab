"""Small files that are read at once and not in steps."""

from pathlib import Path

from crm.errors import FileUnusable
from crm.services.imports.encoding import detect_encoding, open_bytes


def text_of(path: Path) -> str:
    """The whole of a small file as text, in whatever encoding it is. Raises
    FileUnusable."""
    encoding = detect_encoding(path)
    try:
        with open_bytes(path) as file:
            return file.read().decode(encoding.encoding, encoding.errors)
    except UnicodeError:
        raise FileUnusable("The text of the file cannot be decoded.") from None
