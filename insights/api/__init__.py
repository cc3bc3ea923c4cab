"""The API of the insights: the same figures as on the pages."""
