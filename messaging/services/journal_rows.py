"""Journal rows of withdrawals, refused addresses and mails: ids and hashes.

`messaging/journal_entries.py` reads these rows back.
"""

from collections.abc import Sequence
from typing import Any

from crm.models import Customer
from messaging.models import Consent, Message, Suppression
from messaging.rules.choices import Category

WITHDRAWN = "withdrawn"
SUPPRESSED = "suppressed"
# A mail is handed over, and then either left, or went back to wait or failed. Without
# the second entry it is unknown whether it left.
HANDED = "handed"
SENT = "sent"
RETURNED = "returned"

Row = dict[str, Any]


def withdrawn(
    customer: Customer, rows: Sequence[Consent], address_hash: bytes | None
) -> Row:
    """The journal row of one withdrawal; the hash is empty without an address."""
    categories = [Category(row.category) for row in rows]
    return withdrawn_by(customer.pk, address_hash, categories, rows[0].how)


def withdrawn_by(
    customer_id: int,
    address_hash: bytes | None,
    categories: Sequence[Category],
    how: str,
) -> Row:
    """The same where no rows of the ledger were read."""
    return {
        "customer": customer_id,
        "hash": _hex(address_hash),
        "categories": [category.value for category in categories],
        "how": how,
    }


def suppressed(row: Suppression, address_hash: bytes) -> Row:
    """The journal row of an address that gets no mail."""
    return {"hash": _hex(address_hash), "scope": row.scope, "reason": row.reason}


def handed(message: Message, address_hash: bytes) -> Row:
    """Enough to write the row of the ledger again where the copy does not have it."""
    return {
        "uuid": str(message.message_uuid),
        "customer": message.customer_id,
        "hash": _hex(address_hash),
        "kind": message.kind,
        "category": message.category,
        "occurrence": message.occurrence,
        "reminder": message.is_reminder,
        "due": message.due_on.isoformat(),
    }


def outcome(message: Message) -> Row:
    """The journal row of one mail."""
    return {"uuid": str(message.message_uuid)}


def _hex(address_hash: bytes | None) -> str:
    return bytes(address_hash or b"").hex()
