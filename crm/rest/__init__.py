"""What every app's API stands on: keys, scopes, parsing, errors, pages."""
