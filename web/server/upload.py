"""A file that somebody brings in, on its way through the web server to the disk."""

import contextlib
import re
import tempfile
import time
from typing import IO

from django.conf import settings

from web import uploads

# So long a whole file may take; each piece of it has the patience of any request.
UPLOAD_SECONDS = 60 * 60.0

_ADDRESS = re.compile(rb"POST (/[^ ?]{1,300}) ")


class Upload:
    """A request with a file in it. `file` holds its body and is read from its start
    once nothing is `missing`; None where it is too large, and thrown away."""

    def __init__(self, size: int, *, is_kept: bool) -> None:
        self.missing = size
        self.is_kept = is_kept
        # The disk is full, or there is none.
        self.is_broken = False
        self.file: IO[bytes] | None = None
        self.until = time.monotonic() + UPLOAD_SECONDS

    def add(self, data: bytes | bytearray) -> None:
        """Take the next bytes of the body."""
        self.missing -= len(data)
        if not self.is_kept:
            return
        try:
            if self.file is None:
                # Where it is configured: /tmp is memory on many systems.
                folder = settings.FILE_UPLOAD_TEMP_DIR
                self.file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
            self.file.write(data)
            if not self.missing:
                self.file.seek(0)
        except OSError:
            self.is_broken = True
            self.close()

    def close(self) -> None:
        """Delete what was kept."""
        if self.file is not None:
            # What is not written yet may find the disk full again.
            with contextlib.suppress(OSError):
                self.file.close()
            self.file = None


def upload_of(head: bytes, size: int) -> Upload | None:
    """For a POST of `size` bytes, head included: whether more is received of it than of
    a form. Only for the bearer of a ticket (web/uploads.py)."""
    found = _ADDRESS.match(head)
    path = found[1].decode("latin-1") if found else ""
    if not uploads.has_ticket(path) or size > uploads.MOST_DISCARDED:
        return None
    return Upload(size, is_kept=size <= uploads.most_bytes(path))
