"""Template tags that know what staff may do."""
