"""How long until a next purchase: a log-normal, and the chance of none at all. Pure."""

from dataclasses import dataclass
from math import exp, log, sqrt

from loyalty.rules.pooling import below

# A day is right if they buy at most so many days before or after it.
TOLERANCE = 7
# A day is a whole one, so that the window of a day has half a day more on each side.
REACH = TOLERANCE + 0.5
# Nearly nobody who comes back waits so long: they have stopped.
_LEAST_WAITING = 1e-6


@dataclass(frozen=True)
class Outlook:
    """How long until the next purchase: a log-normal, and the chance of none at all.

    `spread` holds what one interval varies by and how little is known of the mean.
    """

    mean: float
    spread: float
    gone: float

    @property
    def lasts(self) -> float:
        """Half of all next purchases come earlier."""
        return exp(self.mean)

    @property
    def days(self) -> int:
        """After how many days the fortnight begins to end in which most of them fall.

        The density is equal at both ends of the likeliest window, and that of a
        log-normal is equal at a and b where a · b is the square of its mode.
        """
        mode = exp(self.mean - self.spread)
        return whole(sqrt(mode * mode + REACH * REACH))

    def chance(self, days: int, *, waited: int) -> float | None:
        """Of a purchase within a week of that day; None: they waited and stopped."""
        waiting = 1 - self._by(waited - 0.5)
        if waiting < _LEAST_WAITING:
            return None
        here = (1 - self.gone) * waiting
        within = self._by(days + REACH) - self._by(max(waited - 0.5, days - REACH))
        return within / waiting * here / (here + self.gone)

    def _by(self, days: float) -> float:
        if days <= 0:
            return 0.0
        return below((log(days) - self.mean) / sqrt(self.spread))


def whole(days: float) -> int:
    """Half a day counts as one; never the day of the last purchase itself."""
    return max(1, int(days + 0.5))
