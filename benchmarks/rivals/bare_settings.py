"""The product's database and templates, and not one middleware."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.rivals.bare"
MIDDLEWARE: list[str] = []
DATABASES["default"].update(CONN_MAX_AGE=None, CONN_HEALTH_CHECKS=False)  # noqa: F405
