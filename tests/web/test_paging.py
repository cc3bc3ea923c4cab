"""Places: what a link to the next page holds."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.http import QueryDict

from web.paging import read_id, read_place, write_place

MOMENT = datetime(2026, 11, 21, 12, 0, 0, 41, tzinfo=UTC)


@pytest.mark.parametrize(
    "values",
    [
        (MOMENT, 41),
        (datetime.min.replace(tzinfo=UTC), 1),
        (datetime.max.replace(tzinfo=UTC), 2**63 - 1),
        (date(1965, 3, 1), -(2**63), 7),
        (date.min, 0),
        (Decimal("-12.5000"), 41),
        (Decimal("1E+3"), 41),
        ("ärger & söhne ~ 张-_=?", 41),
        ("", 1),
        (5,),
    ],
)
def test_a_place_survives_the_address_bar(values):
    asked = QueryDict(f"older={write_place(*values)}&tab=all")

    assert read_place(asked["older"], *map(type, values)) == values


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        *(
            (text, (datetime, int))
            for text in (
                "",
                "x",
                "~",
                "5",
                "5~",
                "5~1~2",
                "٥~1",
                "5~1\n",
                "5~ 1",
                "+5~1",
            )
        ),
        *(
            (f"{moment}~1", (datetime, int))
            for moment in (10**18, -(10**18), "9" * 9_000)
        ),
        *((f"5~{pk}", (datetime, int)) for pk in (2**63, -(2**63) - 1, "1_0", "1.0")),
        *(
            (f"{day}~1", (date, int))
            for day in ("2026-02-30", "0000-01-01", "20260101", "2026-W01-1", "5")
        ),
        *(
            (f"{number}~1", (Decimal, int))
            for number in ("NaN", "Infinity", "1e9", "1e999999", ".5", "5.", "9" * 40)
        ),
        *((f"{text}~1", (str, int)) for text in ("A", "____", "AA", "é", "QQ" * 2_000)),
    ],
)
def test_what_we_did_not_write_is_no_place(text, kinds):
    assert read_place(text, *kinds) is None


def test_an_id_is_a_place():
    assert [read_id(text) for text in ("0", "41", "-1", "x", "1~2")] == [
        *(0, 41, None, None, None),
    ]
