"""Staff pages of campaigns and name days."""
