"""Reasons to return. Anniversaries need no table: the ledger is their memory."""
