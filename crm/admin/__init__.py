"""Look-up and repair of the records; every change goes through its service."""

from crm.admin import people, staff, system, trade

__all__ = ["people", "staff", "system", "trade"]
