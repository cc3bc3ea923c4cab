"""The rows of Insights that belong to a customer: worked out from others, so that they
go with an erasure, but for sums of money, and are counted again after a merge."""

from collections.abc import Collection
from datetime import datetime

from crm.personal_rows import Merge, Merged, PersonalRows, Steps, register
from insights.models import (
    Buyer,
    Held,
    KeptAnswer,
    Spell,
    Spending,
    StaleCustomer,
    StaleMembership,
)
from insights.services import counting, publishing


def _mark_the_kept(merge: Merge) -> None:
    """The orders of both are one person's."""
    counting.mark([merge.kept], now=merge.now)


def _mark_both(merge: Merge) -> None:
    counting.mark([merge.kept, merge.dropped], now=merge.now)


def _forget_answers(ids: Collection[int], now: datetime) -> None:
    """What was counted with them, and names what they wrote of how they heard of us."""
    KeptAnswer.objects.all().delete()
    publishing.forget_sources(ids)


register(
    Steps(before_erasure=_forget_answers),
    Steps(before_merge=_mark_the_kept, after_undo=_mark_both),
    PersonalRows(
        name="stale_in_insights",
        model=StaleCustomer,
        deleted=True,
        merged=Merged.DELETE,
    ),
    PersonalRows(
        name="days_of_buying", model=Buyer, deleted=True, merged=Merged.DELETE
    ),
    PersonalRows(
        name="times_as_customer", model=Spell, deleted=True, merged=Merged.DELETE
    ),
    # What erased people ordered stays in the sums, as it does in those of crm.
    PersonalRows(
        name="spending",
        model=Spending,
        kept=("currency", "months", "totals", "sales"),
        merged=Merged.DELETE,
    ),
    # As the ledgers that they are worked out from.
    PersonalRows(
        name="stale_memberships",
        model=StaleMembership,
        customer="membership__customer_id",
        merged=Merged.STAY,
    ),
    PersonalRows(name="months_with_a_balance", model=Held, merged=Merged.STAY),
)
