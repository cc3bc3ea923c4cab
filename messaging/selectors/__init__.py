"""What pages read from the ledger."""

from messaging.selectors.ledger import why
from messaging.selectors.ledger_case import Check

__all__ = ["Check", "why"]
