"""The codes by which PostgreSQL says why it ended a statement (its appendix A)."""

LOCK_NOT_AVAILABLE = "55P03"
QUERY_CANCELED = "57014"


def sql_state(error: Exception) -> str | None:
    """The code behind an error of Django's; None where the server gave none."""
    state: str | None = getattr(error.__cause__, "sqlstate", None)
    return state
