"""`python -m local.supervisor`: what script/server runs once all is installed."""

import argparse
import contextlib
import errno
import http.client
import os
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from local.embedded import EmbeddedError, database_url, own, secret_key, var_folder
from local.embedded.owner_lock import holder, sign
from local.embedded.paths import make_var, open_paths
from local.embedded.server import wait_until
from local.supervisor import static_files
from local.supervisor.errors import CannotRun
from local.supervisor.first_run import (
    Login,
    SampleShop,
    first_owner,
    new_password,
    prepare_data,
)
from local.supervisor.output import say, step
from local.supervisor.port import wait_until_free, who_listens
from local.supervisor.service import Service
from local.supervisor.stopping import Stopper, StopRequested
from local.supervisor.watch import watch
from local.supervisor.worker import CELERY, Worker

HOST = "127.0.0.1"
OWNER = "owner@example.org"
READY_SECONDS = 90.0
SPACE_FOR_DATA = 600_000_000
# initdb alone makes about a thousand files.
FILES_FOR_DATA = 5_000
# PostgreSQL, and threads of the web server with a connection and a socket each.
OPEN_FILES = 512
# The disk or the system is at its end: a line for the person, and no trace.
WANT = frozenset({errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EMFILE, errno.ENFILE})

GUNICORN = ("-m", "gunicorn", "-c", "python:config.gunicorn")


def main(argv: Sequence[str]) -> int:
    """Run everything until Ctrl-C or SIGTERM, or do what an option asks. Returns the
    exit code."""
    parser = argparse.ArgumentParser(prog="script/server", description=__doc__)
    parser.add_argument(
        "--new-password",
        action="store_true",
        help="give the owner a new password, print it, and end",
    )
    parser.add_argument(
        "--empty",
        nargs="?",
        const=OWNER,
        metavar="EMAIL",
        help="on the first run: no sample shop, and an owner with this address",
    )
    options = parser.parse_args(argv)
    try:
        if options.new_password:
            greet_with(new_password())
        else:
            run(port_from_environment(), empty_for=options.empty)
    except (CannotRun, EmbeddedError) as error:
        say(f"\n  {error}\n")
        return 1
    except OSError as error:
        if error.errno not in WANT:
            raise
        say(f"\n  {error.filename or var_folder()}: {error.strerror}.\n")
        return 1
    except StopRequested:
        say("  stopped")
    return 0


def run(port: int, *, empty_for: str | None = None) -> None:
    """Until a signal comes. `empty_for`: the owner of a shop without a sample in it."""
    say("Perennial")
    services = [web_service(port), worker_service()]
    Stopper(services).listen()
    refuse_few_open_files()
    make_var(var_folder())
    with only_one(), contextlib.ExitStack() as stack:
        refuse_taken_port(port)
        refuse_full_disk(var_folder())
        say_where_data_live(var_folder())
        with step("database and broker"):
            servers = stack.enter_context(own(say))
        shop, login = prepare(empty_for)
        stack.callback(stop_services, services)
        if shop:
            stack.callback(shop.stop)
            with step("a small shop to look at"):
                login = shop.open()
        start_services(services, port, fill_first=shop, login=login)
        say(f"\n  Logs in {var_folder() / 'log'}. Ctrl-C stops everything.\n")
        watch([*servers, *services])


def say_where_data_live(var: Path) -> None:
    """Print where, if that is not below `var`."""
    places = open_paths(var)
    if places.account and places.home != var:
        say(f"  user {places.account.name} cannot enter {var}:")
        say(f"  the data live in {places.home}")


def prepare(empty_for: str | None) -> tuple[SampleShop | None, Login | None]:
    """On the first run a sample shop, still to be opened, or the login of an owner."""
    if not os.environ.get("SECRET_KEY"):
        secret_key()
    static_files.collect(var_folder())
    if not prepare_data(database(), var_folder()):
        if empty_for:
            say("  --empty is for a first run: this shop has users and stays as it is")
        return None, None
    if empty_for:
        return None, first_owner(empty_for)
    return SampleShop(var_folder()), None


# --- What must hold before anything starts -------------------------------------------


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Hold the folder for ourselves. Raises CannotRun where it is taken."""
    path = var_folder() / "supervisor.lock"
    lock = sign(path)
    if lock is None:
        raise CannotRun(f"Perennial already runs from this folder: {holder(path)}.")
    try:
        yield
    finally:
        os.close(lock)


def port_from_environment() -> int:
    """PORT, 8000 where it is not set. Raises CannotRun for what is no port."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise CannotRun(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def refuse_taken_port(port: int) -> None:
    """Raises CannotRun where we could not listen there, with what to do."""
    if port < 1024 and os.geteuid() != 0:
        raise CannotRun(f"Port {port} is for root only. Choose one above 1023.")
    if not wait_until_free(HOST, port):
        raise CannotRun(
            f"Port {port} is taken by {who_listens(port)}.\n"
            f"  Stop that, or choose another port: PORT={port + 1} script/server"
        )


def refuse_full_disk(var: Path) -> None:
    """Raises CannotRun before a first run without room for the database."""
    if (var / "postgres").exists():
        return
    disk = os.statvfs(var)
    free = disk.f_frsize * disk.f_bavail
    if free < SPACE_FOR_DATA:
        raise CannotRun(
            f"Only {free / 1e9:.1f} GB are free at {var}; a first run needs "
            f"{SPACE_FOR_DATA / 1e9:.1f} GB. PERENNIAL_VAR names another place."
        )
    # Some file systems count no files.
    if disk.f_files and disk.f_favail < FILES_FOR_DATA:
        raise CannotRun(
            f"Only {disk.f_favail} more files can be made at {var}; a first run needs "
            f"{FILES_FOR_DATA}. PERENNIAL_VAR names another place."
        )


def refuse_few_open_files() -> None:
    """Raised as far as we may; too few would fail later, and in strange places."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < OPEN_FILES:
        wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        if wanted < OPEN_FILES:
            raise CannotRun(
                f"Only {hard} files may be open at once; {OPEN_FILES} are needed. "
                f"Raise the limit: ulimit -n {2 * OPEN_FILES}"
            )


# --- Web and worker ------------------------------------------------------------------


def web_service(port: int) -> Service:
    """gunicorn on this port, not started."""
    # WEB_BIND is given in full: some shells export HOST as the name of the machine.
    env = {"WEB_BIND": f"{HOST}:{port}"}
    return Service("web", GUNICORN, var_folder() / "log/web.log", env)


def worker_service() -> Worker:
    """Celery's worker with its beat, not started."""
    log = var_folder() / "log/worker.log"
    return Worker("worker", CELERY, log, database_url=database())


def database() -> str:
    """The URL of the database: that of the environment, or of our own server."""
    return os.environ.get("DATABASE_URL") or database_url()


def start_services(
    services: Sequence[Service],
    port: int,
    *,
    fill_first: SampleShop | None,
    login: Login | None,
) -> None:
    """Start the web server and the worker, fill a new shop and say where it is.
    Raises CannotRun for what does not get ready."""
    web, worker = services
    with step("web server"):
        web.start()
        if not fill_first:
            # Both at once: each takes a second or two of one core.
            worker.start()
        wait_for(web, lambda: is_serving(port))
    greet(port, login)
    if fill_first:
        # The sample's mails are of weeks ago: a worker would send them as of today.
        fill_first.fill()
        worker.start()
    with step("worker and beat"):
        wait_for(worker, lambda: worker.has_logged(b" ready."))


def wait_for(service: Service, is_ready: Callable[[], bool]) -> None:
    """Raises CannotRun where it ends, or is not ready in time."""
    if not wait_until(lambda: is_ready() or not service.is_running(), READY_SECONDS):
        raise CannotRun(f"{service.name} is not ready after {READY_SECONDS:.0f} s.")
    if not service.is_running():
        raise CannotRun(f"{service.name} did not start: {service.last_words()}")


def is_serving(port: int) -> bool:
    """Any whole answer will do: what is wrong inside is for `manage.py doctor`."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status > 0
    except OSError:
        return False
    finally:
        connection.close()


def stop_services(services: Sequence[Service]) -> None:
    """Stop each in turn, and wait for it."""
    for service in services:
        service.stop()


# --- Words at the end ----------------------------------------------------------------


def greet(port: int, login: Login | None) -> None:
    """Print the address, and the login of a first run."""
    say(f"\n  http://{HOST}:{port}/")
    if login:
        greet_with(login)
    else:
        say("  sign in as you did before; forgotten? script/server --new-password")


def greet_with(login: Login) -> None:
    """Print address and password, which stand nowhere else."""
    say(f"  sign in as {login.email}")
    say(f"  password   {login.password}   (kept nowhere: note it now)")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
