"""Why the one-command run cannot go on, in words for the person who started it."""


class CannotRun(RuntimeError):
    """The message is shown as it is; there is no trace."""
