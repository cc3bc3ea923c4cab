"""Look-up and repair of the records; every change goes through its service."""

from crm.admin import bulk, merges, people, returns, segments, staff, system, trade

__all__ = [
    "bulk",
    "merges",
    "people",
    "returns",
    "segments",
    "staff",
    "system",
    "trade",
]
