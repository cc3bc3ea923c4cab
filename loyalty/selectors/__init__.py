"""Reads of loyalty, one module for each reason to return."""
