"""A new password for a member of staff who cannot sign in any more."""

import secrets
from datetime import datetime

from django.db import transaction

from crm.models import User
from crm.services import audit


@transaction.atomic
def give_new_password(user: User, *, now: datetime) -> str:
    """A random one, told once and kept as a hash; it ends the user's sessions."""
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.save(update_fields=["password"])
    audit.record(
        "user.password_changed", f"user:{user.pk}", fields=["password"], now=now
    )
    return password
