"""The cast and the clients that every test may ask for."""
