"""A pytest plugin: real, throw-away PostgreSQL and Valkey for one run of the tests.

Started before Django reads its settings, by the process that the user started; xdist
workers inherit the addresses through the environment. Where DATABASE_URL and
REDIS_URL are set already, those servers are used instead.
"""

import os
from collections.abc import Callable, Generator

import pytest

from local.embedded import start_for_tests
from local.embedded.postgres import DATABASE
from tests.migrated_cluster import copy_to

# Commands of pytest that run no test.
ONLY_LOOKING = (
    "help",
    "version",
    "collectonly",
    "showfixtures",
    "show_fixtures_per_test",
)

_stops: list[Callable[[], None]] = []


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config,
) -> Generator[None, None, None]:
    """A wrapper runs before pytest-django, which loads the settings in this hook."""
    # Also in a run that starts no server: tests of the production settings want a key
    # of their own, and no test run may write var/secret_key.
    os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 40)
    options = early_config.known_args_namespace
    if not any(getattr(options, name, False) for name in ONLY_LOOKING):
        start_servers()
    return (yield)


def start_servers() -> None:
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return
    servers = start_for_tests(fill=copy_to)
    os.environ["TEST_DATABASE_TEMPLATE"] = DATABASE
    _stops.append(servers.stop)
    os.environ.setdefault("DATABASE_URL", servers.database_url)
    os.environ.setdefault("REDIS_URL", servers.redis_url)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Also reached after Ctrl-C; after a kill -9 the kernel ends the servers."""
    while _stops:
        _stops.pop()()
