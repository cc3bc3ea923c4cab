"""What every staff page needs: see desk/selectors/shell.py."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from crm.models import User
from desk.selectors.shell import Shell


def shell(request: HttpRequest) -> dict[str, Any]:
    """Nothing without an account and on customers' pages; else a frame that reads
    lazily."""
    match = request.resolver_match
    if getattr(match and match.func, "is_public", False):
        return {}
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    return {"shell": Shell(request, user, timezone.now())}
