"""Measured claims: each file prints its figures beside a floor of the same run."""
