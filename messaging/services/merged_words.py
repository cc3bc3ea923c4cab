"""What two records chose about our mail, when they become one person and two again.

Rows of the ledger stay where they were recorded; what follows from the other record's
is appended. Neither a merge nor its undo loosens anything.
"""

from crm.models import Customer
from crm.personal_rows import Merge
from messaging.models import Consent
from messaging.services import consent, last_words

HOW = "merge"


def join(merge: Merge) -> None:
    """What was stopped through either record is stopped through the kept one; a yes
    comes along only where the kept one was never asked."""
    kept, dropped = _both(merge)
    theirs, own = last_words.rows_of(dropped), last_words.rows_of(kept)
    stopped = [c for c, word in theirs.items() if not word.granted]
    agreed = [c for c, word in theirs.items() if word.granted and c not in own]
    source = _through(dropped)
    if stopped:
        consent.withdraw(
            kept, categories=stopped, how=HOW, now=merge.now, source_text=source
        )
    if agreed:
        consent.grant(
            kept, categories=agreed, how=HOW, now=merge.now, source_text=source
        )


def part(merge: Merge) -> None:
    """What the one person stopped, both have stopped. A yes that the kept record had
    from the other alone ends: it never gave it."""
    kept, dropped = _both(merge)
    words = last_words.rows_of(kept)
    stopped = [c for c, word in words.items() if not word.granted]
    borrowed = [c for c, word in words.items() if _is_borrowed(word, kept, dropped)]
    if stopped:
        consent.withdraw(dropped, categories=stopped, how=HOW, now=merge.now,
                         source_text=_through(kept))  # fmt: skip
    if borrowed:
        consent.withdraw(kept, categories=borrowed, how=HOW, now=merge.now,
                         source_text=_through(dropped))  # fmt: skip


def _both(merge: Merge) -> tuple[Customer, Customer]:
    found = Customer.objects.in_bulk([merge.kept, merge.dropped])
    return found[merge.kept], found[merge.dropped]


def _through(customer: Customer) -> str:
    return f"Said through record {customer.pk}"


def _is_borrowed(word: Consent, kept: Customer, dropped: Customer) -> bool:
    return (
        word.granted
        and word.how == HOW
        and word.customer_id == kept.pk
        and word.source_text == _through(dropped)
    )
