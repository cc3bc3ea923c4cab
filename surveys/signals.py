"""Upward news: inside the transaction, once per change."""

from django.dispatch import Signal

# A confirmed answer came in or was changed. `response`, `now`.
response_recorded = Signal()
