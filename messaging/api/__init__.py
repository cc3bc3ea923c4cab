"""The messaging API."""
