"""What pages read from the ledger."""

from messaging.selectors.ledger import Check, why

__all__ = ["Check", "why"]
