"""Who the customer is, what they bought, our contacts with them, our promises."""
