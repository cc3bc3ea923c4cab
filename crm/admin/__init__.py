"""Look-up and repair of the records; every change goes through its service."""

from crm.admin import house, people, trade

__all__ = ["house", "people", "trade"]
