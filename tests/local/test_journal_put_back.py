"""Which journal goes on after a restore: the one here, or that of the copy."""

import shutil
from datetime import UTC, datetime

import pytest

from crm.services.journal import files
from local.backup import journal

JANUARY, FEBRUARY, MARCH, APRIL = (
    datetime(2027, month, 9, tzinfo=UTC) for month in (1, 2, 3, 4)
)


@pytest.fixture
def here(settings, tmp_path):
    settings.JOURNAL_FOLDER = tmp_path / "journal"
    return settings.JOURNAL_FOLDER


@pytest.fixture
def copy(here, tmp_path):
    """Of a shop that has written in January and February."""
    for month in (JANUARY, FEBRUARY):
        files.append("erased", (), now=month)
    return shutil.copytree(here, tmp_path / "copy")


def numbers():
    return [entry.number for entry in files.entries()]


@pytest.mark.parametrize("kept_from", [JANUARY, FEBRUARY, MARCH, APRIL])
def test_months_that_were_deleted_since_are_no_break(here, copy, kept_from):
    """The last is a copy older than all that the settings keep."""
    for month in (FEBRUARY, MARCH, APRIL):
        files.append("withdrawn", (), now=month)
    files.delete_older(kept_from)
    before = numbers()

    journal.put_back(copy, here)

    assert numbers() == before
    assert before[-1] == 5


@pytest.mark.parametrize("month", [JANUARY, FEBRUARY, MARCH])
def test_the_journal_of_another_database_is_set_aside(here, copy, month):
    shutil.rmtree(here)
    files.append("erased", (), now=month.replace(day=2))

    journal.put_back(copy, here)

    assert numbers() == [1, 2]
    (aside,) = here.parent.glob("journal.before-*")
    assert len(list(aside.glob("*.jsonl"))) == 1


def test_a_month_that_is_missing_between_others_is_a_break(here, copy):
    files.append("erased", (), now=MARCH)
    (here / "2027-02.jsonl").unlink()

    journal.put_back(copy, here)

    assert numbers() == [1, 2]
