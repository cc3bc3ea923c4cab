"""Look-up and repair of the records; every change goes through its service."""

__all__ = ["house", "people", "staff", "trade"]
