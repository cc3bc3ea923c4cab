"""Ask, answer, score."""
