"""What every app's API stands on: parsing, errors, pages, preconditions."""
