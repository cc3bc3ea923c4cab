"""The one-command run: private servers, web, worker and beat under one process."""
