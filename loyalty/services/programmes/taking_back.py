"""Take back a reward, also one that a member gave units for."""

from datetime import datetime

from django.db import transaction

from crm.models import User
from loyalty.models import Grant, Spending
from loyalty.services import grants
from loyalty.services.programmes import spending


@transaction.atomic
def take_back(grant: Grant, *, by: User, now: datetime) -> None:
    """It is theirs no more, and the units that they gave for it are on the balance
    again, each with its old last day. Raises GrantOver and GrantInUse as
    `grants.take_back`."""
    spent = Spending.objects.filter(grant=grant).select_related("membership").first()
    if spent is None:
        grants.take_back(grant, by=by, now=now)
    else:
        spending.release(spent.membership, spent.key, by=by, now=now)
