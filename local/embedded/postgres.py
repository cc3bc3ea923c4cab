"""The private PostgreSQL: where everything of value is kept."""

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import psycopg

from local.embedded import character_type, programs
from local.embedded.errors import NotOurs, StartFailed
from local.embedded.paths import POSTGRES_PORT, POSTGRES_SOCKET, Paths, private_folder
from local.embedded.process import spawn, stop
from local.embedded.server import ServerProcess, wait_until

SUPERUSER = "crm"
DATABASE = "perennial"

# A start after a kill replays the log first, which may take a while.
START_SECONDS = 180.0
# Fast shutdown, then immediate: the next start recovers, so nothing is lost.
STOP_STEPS = ((signal.SIGINT, 25.0), (signal.SIGQUIT, 5.0))

MODEST = {
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "1GB",
    "max_connections": "100",
    "jit": "off",
}
# A lock or a statement that never ends would take a web worker with it. The sessions of
# `connect` below, pg_dump and pg_restore have no limit.
LIMITS = {
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "2min",
}
# A statement that fails is not written down: its values are mails with live links,
# names and addresses. The details of an error (of a deadlock: both statements) hold
# them, too.
DISCREET = {"log_min_error_statement": "panic", "log_error_verbosity": "terse"}
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def settings_from_environment() -> dict[str, str]:
    """PERENNIAL_POSTGRES="shared_buffers=2GB work_mem=64MB", as benchmarks set it."""
    words = shlex.split(os.environ.get("PERENNIAL_POSTGRES", ""))
    return dict(word.split("=", 1) for word in words)


class Postgres(ServerProcess):
    """A PostgreSQL server in our data folder, on a socket."""

    name = "PostgreSQL"

    def __init__(
        self, places: Paths, settings: Mapping[str, str], *, throw_away: bool = False
    ) -> None:
        self.places = places
        defaults = MODEST | LIMITS | DISCREET | (THROW_AWAY if throw_away else {})
        self.settings = defaults | dict(settings)
        self.throw_away = throw_away
        self.data = places.home / "postgres"
        self.log = places.logs / "postgres.log"

    def start(self) -> None:
        bin_dir = programs.postgres_bin(self.places)
        if not (self.data / "PG_VERSION").exists():
            self._initialise(bin_dir)
        self._refuse_other_version(bin_dir)
        self._clear_leftover()
        self.child = spawn(
            [bin_dir / "postgres", "-D", self.data, *self._options()],
            log=self.log,
            death_signal=signal.SIGQUIT if self.throw_away else signal.SIGINT,
            account=self.places.account,
            env=_clean_environment(),
        )
        self._await_answer(self.child, seconds=START_SECONDS)

    def answers(self) -> bool:
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        if self.child is not None:
            stop(self.child, STOP_STEPS[1:] if self.throw_away else STOP_STEPS)

    def connect(self, database: str) -> psycopg.Connection:
        """Connect as the server's superuser, without a statement timeout."""
        return psycopg.connect(
            host=str(self.places.sockets),
            port=POSTGRES_PORT,
            user=SUPERUSER,
            dbname=database,
            connect_timeout=5,
            options=" ".join(f"-c {name}=0" for name in LIMITS),
            autocommit=True,
        )

    def create_database(self) -> None:
        """Make the database of the product unless it is there."""
        with self.connect("postgres") as connection:
            known = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(known, [DATABASE]).fetchone() is None:
                character_type.create_database(connection, DATABASE)

    def _options(self) -> list[str]:
        fixed = {
            "listen_addresses": "",
            "port": str(POSTGRES_PORT),
            "unix_socket_directories": str(self.places.sockets),
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        pairs = (self.settings | fixed).items()
        return [part for name, value in pairs for part in ("-c", f"{name}={value}")]

    def _initialise(self, bin_dir: Path) -> None:
        """initdb in a folder that gets its name when it is whole."""
        half = self.data.with_name("postgres.half")
        shutil.rmtree(half, ignore_errors=True)
        private_folder(half, self.places.account)
        refused = ""
        for flags in _locale_flags(programs.major_version(bin_dir)):
            done = self._initdb(bin_dir, half, flags)
            if done.returncode == 0:
                half.rename(self.data)
                return
            refused = " | ".join(done.stdout.strip().splitlines()[-3:])
        raise StartFailed(self.name, f"initdb: {refused}")

    def _initdb(
        self, bin_dir: Path, folder: Path, flags: list[str]
    ) -> subprocess.CompletedProcess[str]:
        account = self.places.account
        return subprocess.run(
            [
                *(bin_dir / "initdb", "-D", folder, "-U", SUPERUSER, "-E", "UTF8"),
                *("-A", "trust", *flags),
                *(["--no-sync"] if self.throw_away else []),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            env=_clean_environment(),
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )

    def _refuse_other_version(self, bin_dir: Path) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        here = programs.major_version(bin_dir)
        if made_by != str(here):
            raise NotOurs(
                self.data,
                f"PostgreSQL {made_by} made it and {here} is installed; dump it with "
                f"{made_by} and restore, or move it away to begin anew",
            )

    def _clear_leftover(self) -> None:
        """Wait for, then end, a server whose owner was killed; forget a dead one.

        PostgreSQL believes a postmaster.pid whose number is alive again as some other
        process, which is common in containers. We hold the owner's lock, so whatever
        does not run in our data folder is not ours.
        """
        for number, seconds in ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0)):
            pid = self._running_pid()
            if pid is None:
                break
            if not wait_until(lambda: self._running_pid() is None, 3.0):
                os.kill(pid, number)
                wait_until(lambda: self._running_pid() is None, seconds)
        if (pid := self._running_pid()) is not None:
            raise StartFailed(self.name, f"process {pid} still runs in {self.data}")
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for name in (POSTGRES_SOCKET, f"{POSTGRES_SOCKET}.lock"):
            (self.places.sockets / name).unlink(missing_ok=True)

    def _running_pid(self) -> int | None:
        """The process named in postmaster.pid, if it runs in our data folder."""
        try:
            first = (self.data / "postmaster.pid").read_text().split("\n", 1)[0]
            pid = int(first)
            os.kill(pid, 0)
        except (FileNotFoundError, ValueError, ProcessLookupError):
            return None
        except PermissionError:
            return None  # Alive, but another user's: never our server.
        return pid if _works_in(pid, self.data) else None


def _works_in(pid: int, folder: Path) -> bool:
    cwd = Path(f"/proc/{pid}/cwd")
    if not Path("/proc/self/cwd").exists():
        return True  # No /proc (macOS): believe the file, as PostgreSQL does.
    try:
        return cwd.readlink() == folder.resolve()
    except OSError:
        return False


def _locale_flags(major: int) -> list[list[str]]:
    """The same order and case rules on every machine, as far as a version can.

    Tried in turn; the last one leaves a character type that knows only ASCII.
    """
    if major >= 17:
        same = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    else:
        same = ["--locale=C"]
    return [[*same, f"--lc-ctype={name}"] for name in character_type.candidates()] + [
        same
    ]


def _clean_environment() -> dict[str, str]:
    """No PGPORT, PGDATA or locale of the shell may bend the private server."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
