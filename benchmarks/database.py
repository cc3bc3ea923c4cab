"""A database for one run alone: nothing that exists is ever touched."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connection


@contextmanager
def own_database(name: str) -> Iterator[str]:
    """Made and migrated, used by this process inside, dropped afterwards."""
    old, new = settings.DATABASES["default"]["NAME"], f"bench_{name}_{os.getpid()}"
    create(new)
    _use(new)
    try:
        with journal_of_its_own(new):
            call_command("migrate", verbosity=0)
            yield new
    finally:
        _use(old)
        drop(new)


@contextmanager
def journal_of_its_own(name: str) -> Iterator[None]:
    """On the same disk; that of another database would hold back all mail."""
    before = settings.JOURNAL_FOLDER
    own = before.with_name(f"journal-{name}")
    settings.JOURNAL_FOLDER = own
    os.environ["JOURNAL_FOLDER"] = str(own)
    try:
        yield
    finally:
        settings.JOURNAL_FOLDER = before
        del os.environ["JOURNAL_FOLDER"]
        shutil.rmtree(own, ignore_errors=True)


def create(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')


def drop(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def url(name: str = "") -> str:
    """The address of a database on the same server, for processes of their own."""
    used = connection.settings_dict
    return (
        f"postgresql://{used['USER']}:{used['PASSWORD']}@:{used['PORT']}/"
        f"{name or used['NAME']}?host={used['HOST']}"
    )


def _use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
    settings.DATABASES["default"]["NAME"] = name
