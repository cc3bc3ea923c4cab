"""What each page of the desk shows, read in a fixed number of queries."""
