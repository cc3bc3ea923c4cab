"""Look-up and repair of the records; every change goes through its service."""

from crm.admin import merges, people, segments, staff, system, trade

__all__ = ["merges", "people", "segments", "staff", "system", "trade"]
