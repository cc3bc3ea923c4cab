"""Statements of the insights, in one place each."""
