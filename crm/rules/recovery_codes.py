"""Codes to write down, for whoever lost their telephone."""

import base64
import hashlib
import secrets

COUNT = 10
# 80 random bits: a fast hash is enough to keep them by.
_BYTES = 10


def new_code() -> str:
    """Sixteen letters and digits in four groups, without 0, 1, 8 and 9."""
    letters = base64.b32encode(secrets.token_bytes(_BYTES)).decode().lower()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def hash_of(typed: str) -> bytes:
    """Of the code however it was typed: with or without hyphens, blanks, capitals."""
    letters = "".join(letter for letter in typed.lower() if letter.isalnum())
    return hashlib.sha256(letters.encode()).digest()
