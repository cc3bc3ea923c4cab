"""How far the sample shop of the first run is, while it is being filled."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class Filling:
    """Days of its story that are over, of all; `of` is 0 before they begin."""

    done: int
    of: int


def filling() -> Filling | None:
    """None where nothing is being filled: nearly always."""
    try:
        words = settings.SAMPLE_SHOP_MARK.read_text().split()
    except OSError:
        return None
    done, of = map(int, words) if len(words) == 2 else (0, 0)
    return Filling(done, of)
