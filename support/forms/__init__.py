"""Forms of mailboxes, and of what people write."""
