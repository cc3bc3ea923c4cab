"""SQL beyond the ORM: the days on which everybody is asked, a page and its answer."""
