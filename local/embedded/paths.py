"""Where the private servers keep data and sockets, and as whom they run."""

import contextlib
import hashlib
import os
import pwd
import re
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from local.embedded.errors import NotOurs

BASE_DIR = Path(__file__).resolve().parents[2]

POSTGRES_PORT = 5432
POSTGRES_SOCKET = f".s.PGSQL.{POSTGRES_PORT}"
VALKEY_SOCKET = "valkey.sock"

# sun_path holds 108 bytes, the last of them NUL.
SOCKET_PATH_LIMIT = 107
# Three URL dialects name these paths (libpq, Django, kombu) and quote differently;
# a path made of these characters needs no quoting in any of them.
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")

# Where data go when the account of the servers cannot reach the project's folder.
SYSTEM_HOME = Path("/var/lib/perennial")


@dataclass(frozen=True)
class Account:
    """Whom the servers run as when we are root; PostgreSQL refuses uid 0."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Paths:
    """The folders of one pair of servers."""

    home: Path
    sockets: Path
    logs: Path
    account: Account | None


def var_folder() -> Path:
    """The folder of all that a run leaves behind. PERENNIAL_VAR moves it."""
    return Path(os.environ.get("PERENNIAL_VAR") or BASE_DIR / "var").resolve()


def socket_folder(var: Path) -> Path:
    """A folder for sockets that is short enough and open to the servers' account.

    Computed, never stored: every process of this installation finds the same one.
    XDG_RUNTIME_DIR is not asked, because cron and a shell would disagree about it.
    """
    inside = var / "run"
    length = len(os.fsencode(inside / POSTGRES_SOCKET))
    plain = PLAIN_PATH.fullmatch(str(inside)) is not None
    if plain and length <= SOCKET_PATH_LIMIT and servers_can_reach(inside):
        return inside
    digest = hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
    return Path("/tmp") / f"perennial-{os.geteuid()}-{digest}"  # noqa: S108


def servers_can_reach(path: Path) -> bool:
    """Can the account of the servers enter every folder above path that exists?"""
    if os.geteuid() != 0:
        return True
    return all(
        parent.stat().st_mode & stat.S_IXOTH
        for parent in path.parents
        if parent.exists()
    )


def open_paths(var: Path) -> Paths:
    """Make the folders of the servers below var, and say where they are."""
    make_var(var)
    home = _home(var)
    account = _account(home)
    sockets = socket_folder(var)
    private_folder(sockets, account)
    return Paths(home=home, sockets=sockets, logs=var / "log", account=account)


def close_paths(places: Paths) -> None:
    """Leave no empty folder in /tmp; the next start makes it again."""
    with contextlib.suppress(OSError):
        places.sockets.rmdir()


def private_folder(path: Path, account: Account | None) -> None:
    """Make path, or accept it, as a 0700 folder that only the servers' user may open.

    The short one in /tmp has a name anyone can compute: never follow a link there
    and never trust a folder that somebody else made.
    """
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        found = path.lstat()
        ours = {os.geteuid()} | ({account.uid} if account else set())
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
            raise NotOurs(path, "it belongs to another user") from None
    path.chmod(0o700)
    if account:
        os.chown(path, account.uid, account.gid)


def make_var(var: Path) -> None:
    """Make the var folder. Raises NotOurs where it cannot be written."""
    try:
        if not var.exists():
            var.mkdir(parents=True)
            # As root the servers' account has to pass through; what is secret inside
            # (key, data, sockets) is closed on its own.
            var.chmod(0o755 if os.geteuid() == 0 else 0o700)
        if not os.access(var, os.W_OK):
            raise NotOurs(var, "we may not write there (made by another user?)")
        (var / "log").mkdir(exist_ok=True)
    except OSError as error:
        raise NotOurs(var, f"{error.strerror} ({error.filename})") from None


def _home(var: Path) -> Path:
    """var itself, or a folder under /var/lib that the link var/servers names.

    The link is the truth: a new clone at an old path has none, and so never finds
    the data of the clone before it.
    """
    if servers_can_reach(var / "postgres"):
        return var
    link = var / "servers"
    if not link.is_symlink():
        home = SYSTEM_HOME / secrets.token_hex(6)
        home.mkdir(parents=True, mode=0o755)
        (home / "ORIGIN").write_text(f"The servers of {var}\n")
        link.symlink_to(home)
    return link.resolve()


def _account(home: Path) -> Account | None:
    if os.geteuid() != 0:
        return None
    data = home / "postgres"
    if data.exists() and data.stat().st_uid != 0:
        owner = data.stat()
        return Account(_name_of(owner.st_uid), owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise NotOurs(home, "there is neither a user postgres nor nobody to run servers as")


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
