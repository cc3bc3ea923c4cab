"""Why we may not write to somebody, in words for staff."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from messaging.rules.send_decision import Code

# As they stand after "May we write: no,".
REFUSED: dict[str, Promise] = {
    Code.CUSTOMER_GONE: gettext_lazy("the record was merged or erased"),
    Code.RECORDS_PARTED: gettext_lazy("two merged records were taken apart"),
    Code.GOT_ALREADY: gettext_lazy("a record that was merged into this one got it"),
    Code.COLLEAGUE_GONE: gettext_lazy("they no longer work here"),
    Code.NO_ADDRESS: gettext_lazy("there is no address"),
    Code.BOUNCED: gettext_lazy("the address bounced"),
    Code.COMPLAINED: gettext_lazy("they marked our mail as spam"),
    Code.ERASED: gettext_lazy("they asked to be erased"),
    Code.BLOCKED_BY_STAFF: gettext_lazy("staff blocked the address"),
    Code.IS_STAFF: gettext_lazy("nobody rates their own work"),
    Code.OPTED_OUT: gettext_lazy("they opted out"),
    Code.NO_CONSENT: gettext_lazy("there is no recorded consent"),
    Code.NO_GROUND: gettext_lazy(
        "they have no order, and nothing says on what ground we write"
    ),
}
