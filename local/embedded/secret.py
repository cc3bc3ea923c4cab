"""The key of a one-command installation: made once, never a constant."""

import os
import secrets

from local.embedded.errors import NotOurs
from local.embedded.paths import make_var, var_folder


def secret_key() -> str:
    """The key in var/secret_key, written on the first call of an installation.

    Linked into place when whole, so that two first starts agree on one key.
    """
    path = var_folder() / "secret_key"
    if not path.exists():
        make_var(var_folder())
        draft = path.with_name(f"secret_key.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    try:
        key = path.read_text(errors="replace").strip()
    except PermissionError:
        raise NotOurs(path, "another user made it") from None
    if len(key) < 32 or not key.isascii() or not key.isprintable():
        raise NotOurs(path, "it holds no key; remove it to have a new one made")
    return key
