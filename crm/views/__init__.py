"""Staff pages of the record. Each form has its page; htmx takes a part of it."""
