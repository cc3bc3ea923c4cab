"""Cursors: what a link to the next page holds."""

from datetime import UTC, date, datetime

import pytest

from web.paging import read_cursor, write_cursor

MOMENT = datetime(2026, 11, 21, 12, 0, 0, 41, tzinfo=UTC)


@pytest.mark.parametrize(
    "moment",
    [MOMENT, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)],
)
def test_a_cursor_survives_the_address_bar(moment):
    assert read_cursor(write_cursor(moment, 41)) == (moment, [41])


def test_a_cursor_may_hold_a_day_and_several_numbers():
    cursor = write_cursor(date(1965, 3, 1), 2, 7)

    assert read_cursor(cursor, ids=2) == (datetime(1965, 3, 1, tzinfo=UTC), [2, 7])
    assert read_cursor(cursor) is None


@pytest.mark.parametrize(
    "text",
    ["", "x", "-", "5", "5-", "٥-1", "5-1\n", f"{10**18 - 1}-1", "5-" + "9" * 19],
)
def test_what_we_did_not_write_is_no_cursor(text):
    assert read_cursor(text) is None
