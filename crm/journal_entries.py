"""How the journal's entries of erased people are read back."""

from collections import Counter
from datetime import datetime

from django.db import transaction

from crm.models import Customer
from crm.services.journal.replay import Read, register
from crm.services.personal_data import ERASED, erase


def _erasures(read: Read, now: datetime) -> Counter[str]:
    return Counter(
        erasures=sum(
            _erase(row["customer"], entry.at) for entry in read() for row in entry.rows
        )
    )


@transaction.atomic
def _erase(customer_id: int, at: datetime) -> bool:
    """Erased when they were. Not who got the number later."""
    known = Customer.objects.filter(
        pk=customer_id, created_at__lte=at, erased_at=None
    ).first()
    if known is None:
        return False
    erase(known, now=at)
    return True


# The last: mails that had left must be ended before, or they would be on their way.
register(ERASED, order=9, apply=_erasures)
