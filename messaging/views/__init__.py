"""Staff pages of the ledger and of what runs by itself."""
