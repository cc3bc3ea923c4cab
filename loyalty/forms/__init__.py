"""What staff type about campaigns, occasions and name days."""
