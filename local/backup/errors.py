"""What keeps a backup from being made or put back, in words for the person."""


class BackupError(Exception):
    """Nothing was changed, except where the message states it."""
