"""Look-up and repair of the records; every change goes through its service."""

from crm.admin import house, people, staff, trade

__all__ = ["house", "people", "staff", "trade"]
