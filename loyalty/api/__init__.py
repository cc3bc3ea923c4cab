"""The loyalty API: codes at the till of a shop."""
