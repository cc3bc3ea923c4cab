"""What the pages of a survey share."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from crm.access import Capability
from crm.staff import staff_of
from surveys import selectors
from surveys.models import Survey
from web.paging import Page


def tab(request: HttpRequest, name: str) -> dict[str, Any]:
    """What the tabs of a survey need to know."""
    may_edit = staff_of(request).can(Capability.EDIT_AUTOMATIONS)
    return {"tab": name, "may_edit": may_edit}


def page_urls(page: Page[Any], kept: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Where the newer and the older rows are; `kept`: what narrows the list."""
    return {
        side: f"?{urlencode([*kept, (side, place)])}" if place else ""
        for side, place in (("newer", page.newer), ("older", page.older))
    }


def survey_or_404(pk: int) -> Survey:
    """This survey, with whether an automation asks it."""
    # Postgres refuses what is no bigint; such a survey does not exist either.
    if pk >= 2**63:
        raise Http404
    return get_object_or_404(selectors.with_is_asking(), pk=pk)
