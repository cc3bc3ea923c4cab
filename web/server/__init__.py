"""Between the socket and Django: gunicorn's worker, whose threads await no client."""
