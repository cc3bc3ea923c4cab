"""How a page that shows a mail keeps it in its frame."""

# The policy of a mail's own page: its styles are its own, everything else is off.
MAIL_FRAME = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["'self'", "data:"],
    "script-src": ["'none'"],
    "frame-ancestors": ["'self'"],
}
