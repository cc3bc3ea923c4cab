"""Make .venv and install what is locked, unless it is there already.

Standard library only: this runs on the bare Python of the machine. An interrupted
run is noticed by the next one, which begins anew; two runs at once take turns.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# There while an installation is under way: what it left is not to be trusted.
UNFINISHED = VENV / "unfinished"
LOCKS = {"server": "requirements.txt", "test": "requirements-dev.txt"}
# Whoever has the second has the first as well.
SATISFIES = {"server": ("server",), "test": ("test", "server")}
SPACE_NEEDED = 1_500_000_000


def main(kind: str, *, only_look: bool) -> int:
    if only_look:
        return 0 if is_installed(kind) else 1
    with one_at_a_time():
        if is_installed(kind):
            return 0
        try:
            install(kind)
        except PermissionError as error:
            return refuse(f"{error.filename} belongs to another user.")
        except Refused as refusal:
            return refuse(str(refusal))
    return 0


def refuse(why: str) -> int:
    print(f"\n  {why}\n", file=sys.stderr)
    return 1


class Refused(Exception):
    """Its message is printed as it is."""


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    handle = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another installation is under way here, waiting for it.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def is_installed(kind: str) -> bool:
    if UNFINISHED.exists() or not PYTHON.exists():
        return False
    stamp = VENV / f"installed-{kind}"
    return stamp.exists() and stamp.read_text() == fingerprint(kind)


def install(kind: str) -> None:
    started = time.monotonic()
    refuse_full_disk()
    print(
        f"Installing packages into {VENV} (about a minute the first time)", flush=True
    )
    if UNFINISHED.exists() or not works():
        shutil.rmtree(VENV, ignore_errors=True)
    if not VENV.exists():
        make_venv()
    UNFINISHED.touch()
    pip_install(kind)
    for satisfied in SATISFIES[kind]:
        (VENV / f"installed-{satisfied}").write_text(fingerprint(satisfied))
    UNFINISHED.unlink()
    print(f"Installed in {time.monotonic() - started:.0f} s", flush=True)


def works() -> bool:
    """A venv whose Python was upgraded or removed is of no use any more."""
    if not PYTHON.exists():
        return False
    tried = subprocess.run(
        [PYTHON, "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"],
        capture_output=True,
    )
    return tried.returncode == 0


def fingerprint(kind: str) -> str:
    lock = (ROOT / LOCKS[kind]).read_bytes()
    return f"{hashlib.sha256(lock).hexdigest()} {PYTHON.resolve()}\n"


def make_venv() -> None:
    VENV.mkdir()
    UNFINISHED.touch()
    made = subprocess.run([sys.executable, "-m", "venv", VENV])
    if made.returncode:
        raise Refused("The virtual environment could not be made; see above.")


def pip_install(kind: str) -> None:
    # Not compiled: Python compiles what it imports, which is a small part of it all.
    pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    # The lock names everything, so nothing is left to work out: pip before 23.3 would
    # take the newest `coverage` for a `coverage[toml]` and refuse it for its hash.
    locked = ["--no-compile", "--no-deps", "--require-hashes", "-r", ROOT / LOCKS[kind]]
    installed = subprocess.run([*pip, "-qq", *locked])
    if installed.returncode:
        raise Refused(
            "pip could not install the packages; its reason is above. Is the package "
            "index in reach? Running this again starts afresh."
        )


def refuse_full_disk() -> None:
    free = shutil.disk_usage(ROOT).free
    if free < SPACE_NEEDED and not VENV.exists():
        raise Refused(
            f"Only {free / 1e9:.1f} GB are free at {ROOT}; the first run needs about "
            f"{SPACE_NEEDED / 1e9:.1f} GB."
        )


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1], only_look="--look" in sys.argv[2:]))
    except KeyboardInterrupt:
        print("\nInterrupted; the next run starts the installation afresh.")
        sys.exit(130)
