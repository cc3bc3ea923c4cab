"""Who the customer is, what they bought, what was said, what we promised."""
