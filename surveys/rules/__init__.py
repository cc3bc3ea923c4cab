"""The arithmetic of answers, days to ask on, and the questions as one document.

Pure: numbers, days and moments in, the same out; no database, clock or settings.
"""

from surveys.rules.changes import PersonSums, variance_of_change
from surveys.rules.moments import (
    CHANGE_WINDOW,
    CLASH_WINDOW,
    FIRST_ASK_AFTER,
    call_back_by,
    first_ask_on,
)
from surveys.rules.nps import (
    ENOUGH_FOR_A_RANGE,
    ENOUGH_FOR_A_SCORE,
    SCORES,
    Z_95,
    Band,
    Enough,
    NpsResult,
    classify,
    is_low,
    is_urgent,
    nps,
    nps_of_counts,
)

__all__ = [
    "CHANGE_WINDOW",
    "CLASH_WINDOW",
    "ENOUGH_FOR_A_RANGE",
    "ENOUGH_FOR_A_SCORE",
    "FIRST_ASK_AFTER",
    "SCORES",
    "Z_95",
    "Band",
    "Enough",
    "NpsResult",
    "PersonSums",
    "call_back_by",
    "classify",
    "first_ask_on",
    "is_low",
    "is_urgent",
    "nps",
    "nps_of_counts",
    "variance_of_change",
]
