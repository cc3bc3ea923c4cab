"""Save a view of the customer list, and delete one."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.access import Capability, requires
from crm.models import SavedView
from crm.services import saved_views
from crm.staff import staff_of
from web import responses
from web.errors import DomainError


@require_POST
@requires(Capability.SEE_CUSTOMERS)
def saved_view_create(request: HttpRequest) -> HttpResponse:
    """Of the list as it is filtered: `query`, `name`, and `shared` for everybody."""
    query = request.POST.get("query", "").replace("\x00", "")
    try:
        saved_views.save(
            name=request.POST.get("name", ""),
            query=query,
            is_shared=bool(request.POST.get("shared")),
            by=staff_of(request),
            now=timezone.now(),
        )
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        responses.add_message(request, _("The view is saved: see above the list."))
    return responses.see_other(f"{resolve_url(settings.CUSTOMER_LIST_PAGE)}?{query}")


@require_POST
@requires(Capability.SEE_CUSTOMERS)
def saved_view_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """One's own."""
    row = get_object_or_404(SavedView, pk=pk)
    try:
        saved_views.delete(row, by=staff_of(request), now=timezone.now())
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        message = _("The view “%(name)s” is deleted.") % {"name": row.name}
        responses.add_message(request, message)
    return responses.see_other(resolve_url(settings.CUSTOMER_LIST_PAGE))
