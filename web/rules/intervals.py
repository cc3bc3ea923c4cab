"""95 % intervals of a share and of a mean."""

from dataclasses import dataclass
from math import sqrt

Z_95 = 1.959964


def wilson(count: int, base: int) -> tuple[float, float]:
    """The 95 % interval of the share count / base; base is at least 1.

    Wilson, Journal of the American Statistical Association 22 (1927): it stays between
    0 and 1 and has width where all or none are counted.
    """
    share, square = count / base, Z_95**2
    middle = share + square / (2 * base)
    half = Z_95 * sqrt(share * (1 - share) / base + square / (4 * base**2))
    scale = 1 + square / base
    # Rounding may put an end on the wrong side of the share itself.
    low = min(share, max(0.0, (middle - half) / scale))
    return low, max(share, min(1.0, (middle + half) / scale))


@dataclass(frozen=True)
class Sums:
    """How many values there are, their sum and that of their squares."""

    n: int
    x: float
    xx: float

    @property
    def mean(self) -> float:
        """The mean of the values."""
        return self.x / self.n

    @property
    def deviation(self) -> float:
        """The standard deviation of a sample."""
        squares = self.xx - self.x**2 / self.n
        return sqrt(max(squares, 0.0) / (self.n - 1))


def half_of_mean(sums: Sums) -> float:
    """Half of the 95 % interval of a mean by Student's t; of at least two values."""
    return student(sums.n - 1) * sums.deviation / sqrt(sums.n)


def student(freedom: int) -> float:
    """The 97.5 % point of Student's t.

    Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.7.5: right to
    three places from four degrees of freedom on, which is fewer than any answer counts.
    """
    z = Z_95
    parts = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    point: float = z
    for at, part in enumerate(parts, start=1):
        point += part / freedom**at
    return point
