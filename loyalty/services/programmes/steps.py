"""First steps that a colleague ticked off by mistake."""

from datetime import datetime

from django.db import transaction

from crm.models import Customer, User
from loyalty.models import Entry, Rule
from loyalty.services.programmes import manual_entries, undoing


@transaction.atomic
def undo(rule: Rule, customer: Customer, *, staff: User, now: datetime) -> Entry | None:
    """It is not done, and can be done again; was not done: None. Raises BalanceTooLow
    where what it brought was spent."""
    entry = manual_entries.standing(rule, customer)
    if entry is None:
        return None
    return undoing.undo(entry, reason="", staff=staff, now=now)
