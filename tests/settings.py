"""The settings of the tests: the real ones, with cheap passwords."""

import os

from config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Mails of kinds that only tests register.
TEMPLATES = [
    {**TEMPLATES[0], "DIRS": [*TEMPLATES[0]["DIRS"], BASE_DIR / "tests" / "templates"]}  # noqa: F405
]
# Tests travel in time, and the database does not come along.
CLOCK_TOLERANCE_SECONDS = 10**9
# Made with all migrations by tests/migrated_cluster.py; `migrate` still looks whether
# any is missing. Servers of one's own (DATABASE_URL) have no such database.
if template := os.environ.get("TEST_DATABASE_TEMPLATE"):
    DATABASES["default"]["TEST"] = {"TEMPLATE": template}  # noqa: F405
