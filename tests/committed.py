"""Rows for a whole module or package of tests: made once, gone afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from tests.smtp_sink import Sink, running_sink


@contextmanager
def committed_rows(blocker: Any) -> Iterator[None]:
    """What is written inside is committed; afterwards the tables are as after migrate.

    Tests that use these rows say plain `@pytest.mark.django_db`: what they write
    themselves is rolled back, what a server commits for them stays to the end.
    """
    with blocker.unblock():
        try:
            yield
        finally:
            call_command("flush", verbosity=0, interactive=False)


@contextmanager
def uncommitted_rows(blocker: Any) -> Iterator[None]:
    """What is written inside is seen by the tests of one module only.

    They say plain `@pytest.mark.django_db`, and each finds the rows as they were made.
    """
    with blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


def end_rows_not_wanted(item: Any, nextitem: Any) -> None:
    """What fixtures of the module made by the functions above, and the next test does
    not ask for, is taken away; a later test that asks has it made again."""
    for name, fixtures in item._fixtureinfo.name2fixturedefs.items():
        fixture = fixtures[-1]
        if fixture.scope == "module" and name not in nextitem.fixturenames:
            used = getattr(fixture.func, "__code__", None)
            if used and {"uncommitted_rows", "committed_rows"} & {*used.co_names}:
                fixture.finish(item._request)


@contextmanager
def outbox_in(folder: Path) -> Iterator[None]:
    """Mails are kept whole and not sent."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "MAIL_TRANSPORT", "outbox")
        patch.setattr(settings, "JOURNAL_FOLDER", folder)
        yield


@contextmanager
def sink_in(folder: Path, *, journal: Path | None = None) -> Iterator[Sink]:
    """A mail server that everything goes to. `journal`: where the rows that are there
    have theirs, if any are."""
    with running_sink(folder) as sink, pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "MAIL_TRANSPORT", "smtp")
        patch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
        patch.setattr(settings, "EMAIL_PORT", sink.port)
        patch.setattr(settings, "JOURNAL_FOLDER", journal or folder / "journal")
        yield sink
