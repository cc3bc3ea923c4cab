"""A view names the scope that each method needs; other methods are refused."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from crm.models import ApiToken


class HasScope(BasePermission):
    """`scopes = {"GET": "customers:read"}` on the view."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, ApiToken):
            return False
        if request.method not in view.allowed_methods:
            return True  # There is nothing to allow: the view answers 405.
        method = "GET" if request.method == "HEAD" else request.method
        needed = getattr(view, "scopes", {}).get(method)
        return needed is not None and needed in request.auth.scopes
