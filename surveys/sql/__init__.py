"""SQL beyond the ORM: turns for everybody at once, and a customer's page at once."""
