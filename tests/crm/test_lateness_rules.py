"""How late something is, in one unit."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.rules.lateness import Late, lateness

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
TODAY = NOW.date()


@pytest.mark.parametrize(
    ("due", "late"),
    [
        ({"due_at": NOW - timedelta(minutes=5)}, Late(minutes=5)),
        ({"due_at": NOW - timedelta(hours=3)}, Late(hours=3)),
        ({"due_at": NOW - timedelta(hours=26)}, Late(days=1)),
        ({"due_on": TODAY - timedelta(days=4)}, Late(days=4)),
    ],
)
def test_lateness_is_shown_in_one_unit(due, late):
    values = {"due_on": TODAY, "due_at": None, **due}

    assert lateness(**values, now=NOW, today=TODAY) == late
