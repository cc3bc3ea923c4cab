"""Text, money and places, without a clock or a database."""
