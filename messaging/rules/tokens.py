"""What a token in an address looks like, and what mail programs hang behind it.

One exact rule: a token is the longest run of token letters at the start. What follows
must begin with a character that no token holds ("." ")" ">" "=" "&" "%" a space); it
is junk and is dropped. A token with a letter changed, missing, doubled or in another
case is another token, and opens nothing.
"""

import re

# secrets.token_urlsafe(24): 192 random bits as 32 letters.
RANDOM_LENGTH = 32
_RANDOM = re.compile(r"[A-Za-z0-9_-]{32}(?![A-Za-z0-9_-])")
# purpose, category and customer, then the 43 letters of an HMAC-SHA256.
_SIGNED = re.compile(r"[a-z]{1,2}[0-9a-f]{1,16}~[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")


def random_token(raw: str) -> str:
    """The random token at the start, without junk; empty: there is none."""
    return _match(_RANDOM, raw)


def signed_token(raw: str) -> str:
    """The signed token at the start, without junk; empty: there is none."""
    return _match(_SIGNED, raw)


def _match(pattern: re.Pattern[str], raw: str) -> str:
    found = pattern.match(raw)
    return found.group() if found else ""


class TokenConverter:
    """`<token:token>` in a path: the token, with whatever a mail program appended.

    Junk may also stand behind the closing slash ("/s/TOKEN/).").
    """

    regex = r"[^/]+(?:/[^A-Za-z0-9_/-][^/]*)?"

    def to_python(self, value: str) -> str:
        """The token at the start of what stands in an address; empty: there is none."""
        return signed_token(value) or random_token(value)

    def to_url(self, value: str) -> str:
        """The token as it stands in an address."""
        return value
