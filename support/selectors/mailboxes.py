"""Mailboxes that cannot be read, and what to do, in words."""

from support.models import Mailbox
from support.words import TROUBLE as TROUBLE


def troubled() -> list[Mailbox]:
    """The mailboxes that should be read and cannot be, longest first."""
    rows = Mailbox.objects.filter(is_on=True).exclude(trouble="")
    return list(rows.order_by("trouble_since", "pk"))
