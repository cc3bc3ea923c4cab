"""The settings of the tests: the real ones, with cheap passwords."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# Of this run and its processes alone. Whoever makes it takes it away.
if "FILES_DIR" not in os.environ:
    os.environ["FILES_DIR"] = tempfile.mkdtemp(prefix="perennial-files-")
    os.environ["FILES_OF_ALL_WORKERS"] = os.environ["FILES_DIR"]
    atexit.register(shutil.rmtree, os.environ["FILES_DIR"], ignore_errors=True)
# Each worker has a database of its own, so jobs of one number, and a folder of its own.
if (worker := os.environ.get("PYTEST_XDIST_WORKER")) and os.environ[
    "FILES_DIR"
] == os.environ.get("FILES_OF_ALL_WORKERS"):
    os.environ["FILES_DIR"] += f"/{worker}"
    os.makedirs(os.environ["FILES_DIR"], mode=0o700, exist_ok=True)

from config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Mails of kinds that only tests register.
TEMPLATES = [
    {**TEMPLATES[0], "DIRS": [*TEMPLATES[0]["DIRS"], BASE_DIR / "tests" / "templates"]}  # noqa: F405
]
# Each client of a test has its own chain of middleware, and WhiteNoise reads the whole
# static folder when it starts: 19 ms. So it looks for a file when one is asked for.
WHITENOISE_AUTOREFRESH = True
# Tests travel in time, and the database does not come along.
CLOCK_TOLERANCE_SECONDS = 10**9
# Those of whoever runs the tests are left alone.
LOG_FOLDER = None
# Of this process alone, unless it works beside others in a folder of theirs.
if "PERENNIAL_VAR" not in os.environ:
    _folder = tempfile.TemporaryDirectory(prefix="perennial-journal-")
    JOURNAL_FOLDER = Path(_folder.name)
# Made with all migrations by tests/migrated_cluster.py; `migrate` still looks whether
# any is missing. Servers of one's own (DATABASE_URL) have no such database.
if template := os.environ.get("TEST_DATABASE_TEMPLATE"):
    DATABASES["default"]["TEST"] = {"TEMPLATE": template}  # noqa: F405
