"""Formulas: numbers and dates in, numbers out; each names its source."""
