"""Upward news of the ledger: past tense, in the transaction, once per change set."""

from django.dispatch import Signal

# Messages reached a final state. `messages`: a list of Message; `now`.
messages_finished = Signal()

# An automation was made or changed. `automation`; `fields`: the names of what changed,
# with "kind" where it is new; `copied_from`: the automation it is a copy of, or None;
# `now`. A receiver that raises undoes the change.
automation_saved = Signal()
