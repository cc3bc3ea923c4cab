"""A small coffee and tea shop that looks alive: made up, and the same every time."""
