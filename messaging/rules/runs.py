"""What becomes of a customer's way through an automation once a mail of it is over."""

from dataclasses import dataclass
from datetime import date, timedelta

from messaging.rules.choices import RunState, State

_STOPPED = "stopped_"


@dataclass(frozen=True)
class Ended:
    """A mail in its final state. `left_on` is the customer's day of that moment.
    `next_wait`: days until the step behind it; None: there is none."""

    step: int
    state: State
    reason_code: str
    due_on: date
    left_on: date
    next_wait: int | None


@dataclass(frozen=True)
class Outcome:
    """Where the run stands then. Open, with the day of the next step, or at its end."""

    step: int
    state: RunState = RunState.OPEN
    reason_code: str = ""
    next_on: date | None = None


def outcome(mail: Ended) -> Outcome:
    """The next step waits from the day on which this mail left; where it did not leave,
    the way ends with its reason.

    What a person let be may have left, so the way goes on. A later mail that was given
    up because something changed is planned again for its day; with the first one the
    whole way is begun again.
    """
    if mail.state in {State.SENT, State.UNCERTAIN}:
        if mail.next_wait is None:
            return Outcome(mail.step, RunState.DONE)
        next_on = mail.left_on + timedelta(days=mail.next_wait)
        return Outcome(mail.step, next_on=next_on)
    if mail.state is State.SUPERSEDED and mail.step > 1:
        return Outcome(mail.step - 1, next_on=mail.due_on)
    if mail.reason_code.startswith(_STOPPED):
        return Outcome(mail.step, RunState.STOPPED, mail.reason_code)
    return Outcome(mail.step, RunState(mail.state.value), mail.reason_code)
