"""Look-up and repair of the records; every change goes through its service."""

from crm.admin import people, segments, staff, system, trade

__all__ = ["people", "segments", "staff", "system", "trade"]
