"""Who of our own people is asking."""

from django.http import HttpRequest

from crm.models import User


def staff_of(request: HttpRequest) -> User:
    """The member of staff; behind a login nobody else gets here."""
    assert isinstance(request.user, User)
    return request.user
