"""Intervals and what moves on a page, by published numbers."""

import pytest

from web.rules.intervals import Sums, half_of_mean, student


@pytest.mark.parametrize(
    ("freedom", "published"),
    [(4, 2.776), (9, 2.262), (14, 2.145), (29, 2.045), (60, 2.000), (120, 1.980)],
)
def test_students_t_is_that_of_the_table(freedom, published):
    assert student(freedom) == pytest.approx(published, abs=0.0006)


def test_the_interval_of_a_mean_is_that_of_the_handbook():
    """NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.5.2: ZARR13.DAT."""
    n, mean, deviation = 195, 9.261460, 0.022789
    sums = Sums(n, n * mean, (n - 1) * deviation**2 + n * mean**2)

    half = half_of_mean(sums)

    assert sums.deviation == pytest.approx(deviation, abs=1e-6)
    assert mean - half == pytest.approx(9.258242, abs=2e-6)
    assert mean + half == pytest.approx(9.264679, abs=2e-6)


def test_all_the_same_have_no_spread():
    assert half_of_mean(Sums(10, 70, 490)) == 0
