"""Pages for load balancers and monitoring: are we alive, and may visitors come?

`ProbeMiddleware` (crm/middleware.py) answers them before the host is checked: load
balancers ask over plain HTTP, from within, and by whatever name or address.
"""

from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm.access import public

APPLIED = "SELECT app, name FROM django_migrations"


@public
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Can a page be served: 200, or 503, without details."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "not ok"}, status=503)
    return JsonResponse({"status": "ok"})


@public
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Does the database have every table that this version knows: 200, or 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(APPLIED)
            applied = set(cursor.fetchall())
    except DatabaseError:
        return JsonResponse({"status": "not ready"}, status=503)
    if not _newest_migrations() <= applied:
        return JsonResponse({"status": "not migrated"}, status=503)
    return JsonResponse({"status": "ready"})


@cache
def _newest_migrations() -> frozenset[tuple[str, str]]:
    """The last one of each app. Read from the disk once: it takes half a second."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())
