"""Mailboxes that cannot be read, and what to do, in words."""

from support.models import Mailbox
from support.words import MAILBOX_ERRORS as MAILBOX_ERRORS


def failing() -> list[Mailbox]:
    """The mailboxes that should be read and cannot be, longest first."""
    rows = Mailbox.objects.filter(is_on=True).exclude(error_code="")
    return list(rows.order_by("error_since", "pk"))
