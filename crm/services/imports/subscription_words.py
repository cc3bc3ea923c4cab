"""Words about rows of a list of contracts; see reasons.py."""

from django.utils.translation import gettext_lazy

WHOLE = {
    "cancelled_before_started": gettext_lazy("The contract ends before it begins."),
    "changed_before_started": gettext_lazy(
        "The plan and value are those of a day before the contract begins."
    ),
    "happened_unknown": gettext_lazy(
        "Nobody here knows what the word says that happened: say what it means (on the"
        " command line with --value “happened:Kündigung=cancelled”)."
    ),
}
COLUMNS = {
    "subscription_id": gettext_lazy("The id of the contract"),
    "plan": gettext_lazy("The plan"),
    "value": gettext_lazy("The value a month"),
    "started": gettext_lazy("The day it started"),
    "months": gettext_lazy("The number of months"),
    "changed": gettext_lazy("The day since when plan and value hold"),
    "cancelled": gettext_lazy("The end of the contract"),
    "reason": gettext_lazy("The reason"),
    "happened": gettext_lazy("What happened to the contract"),
}
NOTES = {
    "contract_of_another": gettext_lazy(
        "there already for another customer or in another currency: what is here stays"
    ),
    "contract_older": gettext_lazy(
        "of a day before the last change that is known here: what is here stays"
    ),
    "contract_over": gettext_lazy(
        "paused or cancelled here, and not in the file: what is here stays"
    ),
    "contract_out_of_turn": gettext_lazy(
        "cannot follow what happened to the contract before, such as a pause of what is"
        " over: it stays out, and so does what comes after it"
    ),
}
FIELDS = {
    "started": "started_on",
    "changed": "changed_on",
    "cancelled": "cancelled_on",
}
FIELDS_OF_WHOLE = {
    "cancelled_before_started": "cancelled_on",
    "changed_before_started": "changed_on",
    "happened_unknown": "happened",
}
