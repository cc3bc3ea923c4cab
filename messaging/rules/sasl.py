"""How one signs in with a token instead of a password."""


def xoauth2(user: str, token: str) -> str:
    """The answer of XOAUTH2, which Google and Microsoft describe."""
    return f"user={user}\x01auth=Bearer {token}\x01\x01"
