"""The rows of loyalty that belong to a customer: exported, erased and merged."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.personal_rows import Merge, Merged, PersonalRows, Steps, register
from loyalty.models import NextPurchase, ReminderItem, ReorderRefusal, StaleCustomer
from loyalty.services import next_purchases
from messaging.rules.choices import State


def _mark_the_kept(merge: Merge) -> None:
    """The purchases of both are one habit."""
    next_purchases.mark([merge.kept], now=merge.now)


def _mark_both(merge: Merge) -> None:
    next_purchases.mark([merge.kept, merge.dropped], now=merge.now)


register(
    Steps(before_merge=_mark_the_kept, after_undo=_mark_both),
    PersonalRows(
        name="stale_customers", model=StaleCustomer, deleted=True, merged=Merged.DELETE
    ),
    PersonalRows(
        name="next_purchases",
        model=NextPurchase,
        label=_("What may run out"),
        exported={
            "product__name": _("Product"),
            "last_on": _("Last bought"),
            "days": _("Days between purchases"),
            "due_on": _("Due"),
        },
        deleted=True,
        merged=Merged.DELETE,
    ),
    PersonalRows(
        name="reminded_products",
        model=ReminderItem,
        label=_("Reminded of"),
        exported={
            "product__name": _("Product"),
            "last_on": _("Last bought"),
            "due_on": _("Due"),
            "again_on": _("Again on"),
        },
        deleted=True,
        unused=Q(message__state=State.PLANNED.value, message__attempts=0),
        once=("product", "last_on"),
        follows="message",
    ),
    PersonalRows(
        name="unwanted_reminders",
        model=ReorderRefusal,
        label=_("Wants no reminder of"),
        exported={"product__name": _("Product"), "made_at": _("When")},
        deleted=True,
        once=("product",),
    ),
)
