"""What keeps a backup from being made or put back, in words for the person."""


class BackupError(Exception):
    """Nothing was changed unless the message says so."""
