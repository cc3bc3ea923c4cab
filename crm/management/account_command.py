"""What the commands about accounts share."""

from collections.abc import Callable

from django.conf import settings
from django.core.management.base import CommandError

from crm.models import User


def active_user(email: str) -> User:
    """The active member of staff with this address, or the command ends."""
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        raise CommandError(f"There is no active user {email}.")
    return user


def link_or_mailed(user: User, url_of: Callable[[User], str]) -> str:
    """What to print: the link where no mail server is set, else that it is mailed. A
    link that is in somebody's mail need not stand in a terminal's history as well."""
    if settings.MAIL_TRANSPORT == "outbox":
        return f"No mail server is set. Give {user.email} this link:\n{url_of(user)}"
    return f"A mail with the link is on its way to {user.email}."
