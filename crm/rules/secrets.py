"""Find secrets and personal data in a line of text and put `***` in their place.

For logs, which others read and keep: whoever has a token of a link can answer, stop or
sign in with it. Two nets, because each has holes: where a token stands in an address,
and what a token looks like. A word too much that is hidden does no harm.

Of people, a log may hold numbers. What somebody searched for, addresses of mail, and
the values that PostgreSQL repeats in its errors are hidden.
"""

import re

HIDDEN = "***"

# One letter stands before the token of a customer's page, a word before that of a
# colleague, a form, an upload and a provider's webhook; behind it whatever a mail
# program hung there, percent-encoded or not.
# What is shorter than 20 characters lacks so much that the rest cannot be guessed.
_BEHIND_ITS_PREFIX = re.compile(
    r"""((?:/|%2f)(?:[a-z]|reset|invitation|contact|send|upload|mail)(?:/|%2f)+)"""
    r"""[^\s/?#"'<>]{20,}""",
    re.IGNORECASE,
)
_API_KEY = re.compile(r"prl_[A-Za-z0-9_-]{20,}")
# Of Django's PasswordResetTokenGenerator: time in base 36, half a SHA-256 in hex.
_RESET = re.compile(r"(?<![0-9a-z])[0-9a-z]{5,8}-[0-9a-f]{32}(?![0-9a-f])")
# Letters of a token, each as it is or percent-encoded.
_RUN = re.compile(r"(?:[A-Za-z0-9_~-]|%[0-9A-Fa-f]{2}){32,}")
_QUERY = re.compile(r"""(?<=[\w/])\?[\w.%+\[\]-]*=[^\s"'<>]*""")
_MAIL = re.compile(r"[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
# What follows the first line of an error of the database, up to what Python says of the
# next one: the row that was refused, or the statement.
_ROW = re.compile(
    r"\n(?:DETAIL|CONTEXT|QUERY|LINE \d+):.*?"
    r"(?=\n\n(?:The above exception|During handling)|\Z)",
    re.DOTALL,
)
_BAD_VALUE = re.compile(r"(invalid input syntax for [^:\n]+|out of range): \"[^\n]*\"")
# Of token_urlsafe(24), and of token_urlsafe(32) and every signature.
_TOKEN_LENGTHS = frozenset({32, 43})


def masked(text: str) -> str:
    """The text without tokens of links, signatures and keys of the API, and without
    queries, addresses of mail and values of the database."""
    text = _ROW.sub("", text)
    text = _BAD_VALUE.sub(rf'\1: "{HIDDEN}"', text)
    text = _BEHIND_ITS_PREFIX.sub(rf"\1{HIDDEN}", text)
    text = _API_KEY.sub(HIDDEN, text)
    text = _RESET.sub(HIDDEN, text)
    text = _RUN.sub(_hide_random, text)
    text = _QUERY.sub(f"?{HIDDEN}", text)
    return _MAIL.sub(HIDDEN, text)


def _hide_random(found: re.Match[str]) -> str:
    run = found.group()
    return HIDDEN if _looks_random(run) else run


def _looks_random(run: str) -> bool:
    """Names of classes and UUIDs are as long; they lack digits or one of the cases."""
    mixed = run.lower() != run != run.upper()
    digits = any(letter.isdigit() for letter in run)
    return mixed and (digits or "~" in run or len(run) in _TOKEN_LENGTHS)
