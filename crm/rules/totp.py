"""Codes of authenticator apps: RFC 6238 with the parameters every app knows.

Six digits of HMAC-SHA-1 over the number of the half minute. No clock here: the moment
comes in as a datetime.
"""

import base64
import hmac
import secrets
import struct
from datetime import datetime
from urllib.parse import quote, urlencode

DIGITS = 6
STEP_SECONDS = 30
# Clocks of telephones differ: the code before and after this one are right, too.
TOLERANCE = 1


def new_secret() -> str:
    """160 random bits in base 32, as the RFC recommends: 32 characters."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def step_at(moment: datetime) -> int:
    """The number of the half minute since 1970."""
    return int(moment.timestamp()) // STEP_SECONDS


def code_at(secret: str, step: int) -> str:
    """The six digits of this half minute (RFC 4226, 5.3)."""
    key = base64.b32decode(secret)
    digest = hmac.new(key, struct.pack(">Q", step), "sha1").digest()
    offset = digest[-1] & 0x0F
    (number,) = struct.unpack(">I", digest[offset : offset + 4])
    return f"{(number & 0x7FFFFFFF) % 10**DIGITS:0{DIGITS}}"


def matching_step(secret: str, code: str, *, now: datetime, after: int) -> int | None:
    """The half minute whose code this is, or None. `after` is the last one that was
    taken: neither its code nor an earlier one is right again."""
    present = step_at(now)
    typed = code.encode()
    for step in range(present - TOLERANCE, present + TOLERANCE + 1):
        right = code_at(secret, step).encode()
        if step > after and hmac.compare_digest(right, typed):
            return step
    return None


def app_url(secret: str, *, account: str, issuer: str) -> str:
    """What an app reads from the square: otpauth://totp/…"""
    label = quote(f"{issuer}:{account}")
    words = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{label}?{words}"
