"""What templates of Insights need beside those of web."""
