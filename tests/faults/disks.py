"""Small disks of a test's own, in memory: mounted where the test may, else skipped."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def small_disk(folder: Path, options: str) -> Iterator[Path]:
    """`options` of tmpfs: size=1m, nr_inodes=20 ..."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"no right to mount a small disk here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        # Lazily: a server that is just ending may still hold a file.
        subprocess.run(["umount", "-l", str(folder)], check=False)


def read_only(folder: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)


def writable(folder: Path) -> None:
    subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)


def fill(folder: Path, leave: int = 0) -> Path:
    """A file that takes all the room, but for `leave` bytes."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        with contextlib.suppress(OSError):
            while True:
                file.write(bytes(64 * 1024))
        with contextlib.suppress(OSError):
            while True:
                file.write(bytes(512))
        if leave:
            file.truncate(max(file.tell() - leave, 0))
    return ballast


def use_up_inodes(folder: Path) -> list[Path]:
    made = []
    with contextlib.suppress(OSError):
        for number in range(100_000):
            path = folder / f"file-{number}"
            path.touch()
            made.append(path)
    return made
