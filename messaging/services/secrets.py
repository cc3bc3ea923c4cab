"""Passwords and tokens of mail accounts, encrypted with a key outside the database.

The key is worked out from SECRET_KEY; what was encrypted with one of
SECRET_KEY_FALLBACKS can still be read.
"""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from messaging.errors import SecretUnreadable

_PURPOSE = b"perennial.support.mailbox-password"


def encrypt(secret: str) -> str:
    """The secret as it may stand in the database."""
    return _fernet().encrypt(secret.encode()).decode("ascii")


def decrypt(encrypted: str) -> str:
    """The secret. Raises SecretUnreadable where no present key opens it."""
    try:
        return _fernet().decrypt(encrypted.encode()).decode()
    except (InvalidToken, ValueError) as error:
        raise SecretUnreadable from error


def _fernet() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    digest = hmac.new(key.encode(), _PURPOSE, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest)
