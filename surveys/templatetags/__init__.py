"""Filters of pages that show scores."""
