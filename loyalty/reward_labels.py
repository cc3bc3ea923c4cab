"""What staff read of rewards and grants."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.choices import Fulfilment, GrantState
from loyalty.models import Grant

FULFILMENTS: dict[str, Promise] = {
    Fulfilment.CODE.value: gettext_lazy("With a code that we make"),
    Fulfilment.POOL.value: gettext_lazy("With a code of your own list"),
    Fulfilment.DESK.value: gettext_lazy("Somebody of the team does it"),
    Fulfilment.ASK.value: gettext_lazy("Somebody does it once they said yes"),
}
STATES: dict[str, Promise] = {
    GrantState.OFFERED.value: gettext_lazy("Offered"),
    GrantState.CODE_ISSUED.value: gettext_lazy("Has the code"),
    GrantState.TO_DO.value: gettext_lazy("To do"),
    GrantState.DONE.value: gettext_lazy("Done"),
    GrantState.EXPIRED.value: gettext_lazy("Ran out"),
    GrantState.TAKEN_BACK.value: gettext_lazy("Taken back"),
}
TONES = {
    GrantState.TO_DO.value: "warn",
    GrantState.DONE.value: "good",
    GrantState.OFFERED.value: "info",
    GrantState.CODE_ISSUED.value: "info",
}


def state_of(grant: Grant) -> str:
    """A code that was used is not "done"."""
    if grant.state == GrantState.DONE.value and grant.reward.has_code:
        return _("Used")
    return str(STATES[grant.state])
