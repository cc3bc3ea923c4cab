"""Upward news of the ledger: past tense, in the transaction, once per change set."""

from django.dispatch import Signal

# Messages reached a final state. `messages`: a list of Message; `now`.
messages_finished = Signal()
