"""A PostgreSQL data folder with a migrated database, kept between runs of the tests.

A run starts its throw-away server on a copy of it, and each test database is made from
the database `migrated` there, so initdb and the migrations are paid for once.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from local.embedded import var_folder
from local.embedded.paths import close_paths, open_paths
from local.embedded.postgres import THROW_AWAY, Postgres
from local.embedded.urls import database_url_at

ROOT = Path(__file__).resolve().parent.parent
# What decides how a migrated database looks: its schema, the rows that migrations
# write, and those that receivers of post_migrate make for each kind and survey.
SOURCES = (
    "*/migrations/*.py",
    "web/migration_operations.py",
    "*/kinds.py",
    "*/kinds/*.py",
    "*/receivers.py",
    "local/embedded/*.py",
    "requirements.txt",
)


def migrated_cluster() -> Path:
    """Return the data folder that fits the sources; make it where there is none.

    Its server was shut down in order, so a copy starts without recovery.
    """
    kept = var_folder() / "cache" / "test-cluster"
    cluster = kept / _fingerprint()
    if not cluster.exists():
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        # Two runs may make it at once: the first one to finish is kept.
        with (
            _tests_compiled(),
            _fresh_data_folder() as data,
            contextlib.suppress(OSError),
        ):
            _copy(data, half := kept / f"half-{os.getpid()}")
            half.rename(cluster)
    return cluster


def copy_to(folder: Path) -> None:
    """Copy the migrated cluster into the folder of a server that has no data yet."""
    _copy(migrated_cluster(), folder / "postgres")


def _copy(source: Path, target: Path) -> None:
    # Keeps owners: as root the servers run as somebody else.
    subprocess.run(["cp", "-a", source, target], check=True)


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for source in sorted(ROOT.glob(pattern)):
            digest.update(f"{source.relative_to(ROOT)}\n".encode())
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def _tests_compiled() -> Iterator[None]:
    """Meanwhile pytest compiles the tests, once for the workers that follow.

    Each of them would need another 14 s for it. Later they compile what changed.
    """
    if (ROOT / "tests" / "crm" / "__pycache__").exists():
        yield
        return
    command = [sys.executable, "-m", "pytest", "--collect-only", "-qq", ROOT / "tests"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL):
        yield


@contextlib.contextmanager
def _fresh_data_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="perennial-cluster-") as name:
        folder = Path(name)
        folder.chmod(0o755 if os.geteuid() == 0 else 0o700)
        places = open_paths(folder)
        postgres = Postgres(places, THROW_AWAY)
        postgres.start()
        try:
            postgres.create_database()
            _migrate(database_url_at(places.sockets))
        finally:
            postgres.stop()
            close_paths(places)
        yield postgres.data


def _migrate(url: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": url,
            "REDIS_URL": "redis://127.0.0.1:1/0",
        },
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"The migrations failed:\n{done.stderr}")
