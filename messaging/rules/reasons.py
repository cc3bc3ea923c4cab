"""Why a message is not sent: a code with its data."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


@dataclass(frozen=True)
class Reason:
    """Why a message is not sent: a stable code, and ids, counts or times for it."""

    code: str
    data: dict[str, Any] = field(default_factory=dict)


class Code(StrEnum):
    """The reasons that messaging itself gives; kinds add their own."""

    CUSTOMER_GONE = "customer_gone"
    RECORDS_PARTED = "records_parted"
    GOT_ALREADY = "got_already"
    COLLEAGUE_GONE = "colleague_gone"
    NO_ADDRESS = "no_address"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    ERASED = "erased"
    BLOCKED_BY_STAFF = "blocked_by_staff"
    IS_STAFF = "is_staff"
    OPTED_OUT = "opted_out"
    NO_CONSENT = "no_consent"
    NO_GROUND = "no_ground"
    TOO_LATE = "too_late"
    SAME_ADDRESS = "same_address"
    ON_HOLD = "on_hold"
    CONTACT_LIMIT = "contact_limit"
    DAY_OFF = "day_off"
    QUIET_HOURS = "quiet_hours"
    HELD_OUT = "held_out"
