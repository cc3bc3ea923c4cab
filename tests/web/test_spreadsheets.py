"""Cells that a spreadsheet would run: harmless in the file, the same when read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.rules.spreadsheets import as_meant, harmless

RUN = ["=1+1", "+1+2", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|' /C calc'!A0"]
RUN += ["\uff1d1", "\uff0b1", "\uff0d1", "\uff20A1", "-", "=", "+972 52-123"]
LEFT_ALONE = [
    "",
    "Dana",
    "'t Hooft",
    "-12",
    "+972521234567",
    "-1,299.50",
    "a=b",
    "'",
    "''",
]


@pytest.mark.parametrize("cell", RUN)
def test_a_formula_becomes_text(cell):
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", LEFT_ALONE)
def test_text_and_numbers_stay_as_they_are(cell):
    assert harmless(cell) == as_meant(cell) == cell


@given(st.text(alphabet="'=+-@\t\r\n\uff1da1 .,", max_size=8))
def test_every_text_comes_back(cell):
    assert as_meant(harmless(cell)) == cell
