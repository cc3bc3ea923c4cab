"""Measured claims: each file prints its figures beside a floor taken in the same run."""
