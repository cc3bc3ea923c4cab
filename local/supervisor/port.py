"""Is the port free, and who has it if not?"""

import os
import socket
import time
from pathlib import Path

LISTENING = "0A"


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def wait_until_free(host: str, port: int, seconds: float = 3.0) -> bool:
    """A run that was killed a moment ago may hold the port a little longer."""
    deadline = time.monotonic() + seconds
    while not is_free(host, port):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def who_listens(port: int) -> str:
    """`process 123 (nginx: master)`, as far as /proc lets us see."""
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    for folder in Path("/proc").glob("[0-9]*"):
        if sockets & _open_sockets(folder):
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            return f"process {folder.name} ({words.strip()[:60]})"
    return "another process"


def _inodes(port: int) -> list[str]:
    found = []
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        rows = table.read_text().splitlines()[1:] if table.exists() else []
        for row in rows:
            fields = row.split()
            if fields[3] == LISTENING and int(fields[1].split(":")[1], 16) == port:
                found.append(fields[9])
    return found


def _open_sockets(process: Path) -> set[str]:
    try:
        return {os.readlink(handle) for handle in (process / "fd").iterdir()}
    except OSError:
        return set()  # Another user's, or gone by now.
