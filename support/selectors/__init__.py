"""Reads of mailboxes, mails and conversations."""
