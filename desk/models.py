"""The desk reads everything and owns no table."""
