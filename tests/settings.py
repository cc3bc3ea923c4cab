"""The settings of the tests: the real ones, with cheap passwords."""

from config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Mails of kinds that only tests register.
TEMPLATES = [
    {**TEMPLATES[0], "DIRS": [*TEMPLATES[0]["DIRS"], BASE_DIR / "tests" / "templates"]}  # noqa: F405
]
# Tests travel in time, and the database does not come along.
CLOCK_TOLERANCE_SECONDS = 10**9
