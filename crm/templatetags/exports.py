"""The button that leads from a list to its export."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import template
from django.template import Context
from django.urls import reverse

from crm import datasets
from crm.access import Capability
from crm.models import User

register = template.Library()


@register.inclusion_tag("crm/_export_button.html", takes_context=True)
def export_button(
    context: Context,
    name: str,
    given: Mapping[str, Any] | None = None,
    *,
    label: str = "",
    **filters: Any,
) -> dict[str, str]:
    """`{% export_button "customers" %}`: with the filters of the address, and those
    given here. Nothing for whoever may not export. `label`: where a page has several,
    what this one exports."""
    request = context["request"]
    dataset = datasets.get(name)
    user = request.user
    if not (isinstance(user, User) and dataset and dataset.is_for(user)):
        return {"url": "", "label": ""}
    values = {key: str(value) for key, value in {**(given or {}), **filters}.items()}
    kept = dataset.narrowed({**request.GET.dict(), **values})
    query = urlencode({"of": name, **kept})
    return {"url": f"{reverse('crm:export-create')}?{query}", "label": label}


@register.filter
def may(user: object, capability: str) -> bool:
    """`{% if request.user|may:"export_data" %}`"""
    return isinstance(user, User) and user.can(Capability(capability))
