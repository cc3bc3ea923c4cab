"""The specification of Perennial, one sentence per test."""
