"""How long to wait before the next try: growing, with a little chance in it."""

from datetime import timedelta

FIRST = timedelta(minutes=1)
LONGEST = timedelta(hours=6)


def wait_after(refusals: int, chance: float) -> timedelta:
    """1, 4, 16, 64 minutes ... at most 6 hours, up to a quarter more by chance (0..1).

    The chance spreads what one busy minute threw back together.
    """
    growth: int = 4 ** min(max(refusals - 1, 0), 8)
    gap = min(FIRST * growth, LONGEST)
    return gap * (1 + chance / 4)
