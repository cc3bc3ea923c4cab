"""Upward news: past tense, inside the transaction; see `crm/signals.py`."""

from django.dispatch import Signal

# Reviews were written, changed or withdrawn by those who wrote them. `ids`, `now`, and
# `customer_ids` beside them.
reviews_changed = Signal()
