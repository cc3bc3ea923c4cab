"""Changes of programmes and of their ledger.

Locks are taken in one order: the customer, the membership, then a reward and its
grants. Whatever changes a balance goes through `posting.post`.
"""
