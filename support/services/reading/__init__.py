"""A mail's bytes in, what is in it out. No database; nothing here trusts the mail."""

from support.services.reading.mail import Found, FoundFile, Unreadable, read

__all__ = ["Found", "FoundFile", "Unreadable", "read"]
