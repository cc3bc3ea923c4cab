"""Staff bar one address, and open it again: for every record that carries it."""

from datetime import datetime

from django.db import transaction

from crm import selectors
from crm.models import Customer
from crm.services import audit
from messaging.models import Message
from messaging.rules.choices import State, SuppressionReason
from messaging.rules.send_decision import Code, Reason
from messaging.services import consent, messages, suppression


@transaction.atomic
def stop(customer: Customer, *, email: str, now: datetime) -> bool:
    """Nothing goes to this address of theirs any more; what waits for it is ended.
    False: it was barred already."""
    locked = consent.lock(customer)
    address = suppression.address_hash(email)
    if suppression.suppressed([address]):
        return False
    made = suppression.suppress(address, reason=SuppressionReason.STAFF, now=now)
    at_it = Customer.objects.filter(
        pk__in=selectors.records_at([email]), email_norm=email
    )
    waiting = Message.objects.filter(
        customer__in=at_it, state__in=[State.PLANNED.value, State.CLAIMED.value]
    )
    reason = Reason(Code.BLOCKED_BY_STAFF.value)
    messages.finish(waiting, state=State.SUPPRESSED, reason=reason, now=now)
    _record("address_stopped", locked, now)
    return made


@transaction.atomic
def allow(customer: Customer, *, email: str, now: datetime) -> bool:
    """Mail may go there again. False: nothing stood in the way.

    Raises ComplaintStands where the person at it complained or was erased.
    """
    locked = consent.lock(customer)
    lifted = suppression.lift(suppression.address_hash(email), now=now)
    if lifted:
        _record("address_allowed", locked, now)
    return lifted


def _record(verb: str, customer: Customer, now: datetime) -> None:
    audit.record(
        f"customer.{verb}", f"customer:{customer.pk}", customer_id=customer.pk, now=now
    )
