"""The ways a mail can leave: SMTP, a provider's API, or not at all (the outbox)."""
