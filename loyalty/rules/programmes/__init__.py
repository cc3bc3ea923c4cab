"""What programmes reckon: pure functions of numbers and days."""
