"""What pages read from the ledger."""
