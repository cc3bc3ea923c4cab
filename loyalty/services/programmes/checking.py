"""Add up all ledgers anew, keep what came of it, and put right what is kept beside
them."""

from datetime import datetime

from django.db import transaction

from crm.services import audit
from loyalty.models import BalanceCheck, Membership
from loyalty.selectors import programme_sums
from loyalty.services.programmes import posting
from loyalty.sql import ledger
from loyalty.sql.ledger import WrongBalance


def check(*, now: datetime) -> list[WrongBalance]:
    """What is wrong, the first ones; how many is kept for Today."""
    wrong = programme_sums.wrong_balances()
    BalanceCheck.objects.update_or_create(
        pk=1, defaults={"checked_at": now, "wrong": len(wrong)}
    )
    return wrong


def mend(*, now: datetime) -> int:
    """Balances, debts and lots are again what the entries add up to, of those that
    `check` finds; how many. Entries are the truth, and none is written."""
    ids = [row.membership for row in programme_sums.wrong_balances()]
    with transaction.atomic():
        posting.lock(ids)
        ledger.mend(ids)
        rows = Membership.objects.filter(pk__in=ids).values_list("pk", "customer")
        about = [(f"membership:{pk}", customer) for pk, customer in rows]
        audit.record_many("balance.mended", about, now=now)
    return len(ids)
