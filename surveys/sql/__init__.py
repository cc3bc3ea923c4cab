"""SQL beyond the ORM: turns for everybody at once, a page and its answer."""
