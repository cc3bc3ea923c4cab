"""Upward news: past tense, inside the transaction, once per change set.

Each carries `ids`, a sequence of primary keys (or a QuerySet of them) and `now`.
A receiver writes only its own rows, and makes no savepoint for them: whoever sends does
not go on without it, and an import sends thousands of times.
"""

from django.dispatch import Signal

# Customers were created, or a field that others plan by changed. `fields`: a
# frozenset of names; from an import it is {"*"}: anything may have changed.
customers_changed = Signal()

# The shop's own settings changed. No `ids`: there is one row. `fields` as above.
business_changed = Signal()

# Orders came in, changed or were cancelled. `customer_ids` beside `ids`.
orders_changed = Signal()

# More or less of these purchases was given back than was known. `ids` of their orders.
returns_matched = Signal()

# Facts of products changed. `fields`: a frozenset of names.
products_changed = Signal()

# Contracts were started, changed, paused, resumed or cancelled. `customer_ids` beside
# `ids`.
subscriptions_changed = Signal()

# A member of staff, or whoever knows their address, asked for a new password. No `ids`:
# `user` is the row and `now` the moment.
password_reset_requested = Signal()

# A colleague was invited, or invited again. No `ids`: `user` is the new row, `by`
# who invited (None from the command line), and `now` the moment.
colleague_invited = Signal()

# A colleague can sign in no more. No `ids`: `user` is the row and `now` the moment. A
# receiver returns a sentence of what it did with their work, or "".
colleague_deactivated = Signal()
