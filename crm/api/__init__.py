"""The crm API."""
