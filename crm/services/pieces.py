"""Files that lie in the private storage in several pieces, and are read as one."""

from collections.abc import Callable, Sequence
from typing import IO, cast

from django.core.files.base import File


def names(key: str, count: int) -> list[str]:
    """The keys of so many pieces; the first is that of the file."""
    return [key, *(f"{key}-{number:06}" for number in range(1, count))]


def file_of(name: str) -> str:
    """The name of the file of which this is a piece; both without a folder."""
    return name.partition("-")[0]


def joined(open_key: Callable[[str], IO[bytes]], keys: Sequence[str]) -> "File[bytes]":
    """Open for reading. Raises FileNotFoundError where the first piece is gone."""
    return File(cast("IO[bytes]", _Joined(open_key, keys)))


class _Joined:
    """Pieces, read one behind the other. It can be read and closed, and not sought."""

    def __init__(
        self, open_key: Callable[[str], IO[bytes]], keys: Sequence[str]
    ) -> None:
        self._open, self._keys = open_key, list(keys)
        self._piece: IO[bytes] | None = self._next()
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        """At most so many bytes, one at least before the end; all by default."""
        if size < 0:
            return b"".join(iter(lambda: self.read(1 << 16), b""))
        while self._piece is not None:
            if chunk := self._piece.read(size):
                return chunk
            self._piece.close()
            self._piece = self._next()
        return b""

    def close(self) -> None:
        """Close the piece that is read."""
        if self._piece is not None:
            self._piece.close()
        self.closed = True

    def _next(self) -> IO[bytes] | None:
        return self._open(self._keys.pop(0)) if self._keys else None
