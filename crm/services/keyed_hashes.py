"""Hashes of addresses and ids that reveal nothing without the shop's own secret."""

import hmac
import secrets

from crm.models import AddressKey, Customer


def hashed(text: str, key: bytes) -> bytes:
    """The HMAC-SHA256 of a text in its normal form; empty bytes for no text."""
    return hmac.digest(key, text.encode(), "sha256") if text else b""


def address_key() -> bytes:
    """The shop's secret: 32 bytes."""
    row = AddressKey.objects.first()
    return bytes(row.key) if row else _new_key()


def _new_key() -> bytes:
    """The migration makes the key; a database emptied by hand gets a new one.

    Never beside hashes of another key: they would silently stop to match.
    """
    if Customer.objects.filter(erased_at__isnull=False).exists():
        raise RuntimeError("The address key is missing: restore crm_addresskey.")
    row, _ = AddressKey.objects.get_or_create(
        id=1, defaults={"key": secrets.token_bytes(32)}
    )
    return bytes(row.key)
