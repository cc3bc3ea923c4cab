"""Create and edit a customer, as a whole or one fact in place."""

from typing import Any

from django.conf import settings
from django.contrib import messages as notices
from django.forms import BoundField
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render, resolve_url
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm import custom_facts, merge_page, selectors
from crm.access import Capability, requires
from crm.customer_facts import POSTAL_ADDRESS
from crm.forms import CustomerForm
from crm.forms.customers import values_of
from crm.forms.facts import FOLLOWS, NAMES, Fact, fact, postal_address
from crm.models import Customer
from crm.services import customers, duplicates
from crm.staff import staff_of
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError, StaleVersion
from web.form_fields import NameList
from web.responses import Difference, HtmxRequest


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def customer_create(request: HtmxRequest) -> HttpResponse:
    """GET: an empty form. POST: create the customer, or the form again with 422."""
    form = CustomerForm(
        request.POST if request.method == "POST" else None,
        see_notes=staff_of(request).can(Capability.SEE_NOTES),
    )
    alike = _lookalikes(form)
    if form.is_valid() and not (alike and "anyway" not in request.POST):
        try:
            customer = customers.create_customer(now=timezone.now(), **form.values)
        except DomainError as error:
            add_to_form(form, error)
        else:
            _say_saved(request, _("Customer saved."), customer)
            return responses.see_other(customer.get_absolute_url())
    is_refused = form.errors or alike
    context = {"form": form, "list_url": resolve_url(settings.CUSTOMER_LIST_PAGE)}
    context |= {"lookalikes": alike, "is_asked": bool(alike and not form.errors)}
    status = responses.UNPROCESSABLE if is_refused else 200
    return render(request, "crm/customer_create.html", context, status=status)


@require_POST
@requires(Capability.EDIT_CUSTOMERS)
def customer_lookalikes(request: HtmxRequest) -> HttpResponse:
    """Who looks like what was typed so far. Stores nothing."""
    form = CustomerForm(request.POST)
    context = {"lookalikes": _lookalikes(form)}
    return render(request, "crm/_lookalikes.html", context)


def _lookalikes(form: CustomerForm) -> list[dict[str, Any]]:
    if not form.is_bound:
        return []
    form.full_clean()
    typed = customers.draft(now=timezone.now(), **form.cleaned_data)
    return [
        {"customer": one.customer, "reasons": merge_page.in_words(one.reasons)}
        for one in duplicates.lookalikes(typed)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def customer_edit(request: HtmxRequest, pk: int) -> HttpResponse:
    """GET: the form. POST: save it; 409 with the differences where it was changed
    since."""
    customer = get_object_or_404(Customer.objects.live(), pk=pk)
    form = _form(request, customer)
    differences, status = _save(request, customer, form)
    if status == 303:
        changed = "email" in form.changes
        _say_saved(request, _("Saved."), customer if changed else None)
        return responses.see_other(customer.get_absolute_url())
    context = {"form": form, "customer": customer, "differences": differences}
    context["sharing"] = selectors.sharing_address(customer)
    return render(request, "crm/customer_edit.html", context, status=status)


def _say_saved(request: HtmxRequest, saved: str, customer: Customer | None) -> None:
    """Saved; and with a link, who else has this customer's address."""
    responses.add_message(request, saved)
    if customer is None:
        return
    customer.refresh_from_db()
    sharing = selectors.sharing_address(customer)
    if sharing:
        text = render_to_string("crm/_sharing_notice.html", {"sharing": sharing})
        notices.warning(request, text)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def customer_fact(request: HtmxRequest, pk: int, name: str) -> HttpResponse:
    """One fact: its form in place for htmx, a small page of its own without."""
    customer = get_object_or_404(Customer.objects.live().select_related("owner"), pk=pk)
    if not _is_fact(request, name):
        raise Http404
    form = _form(request, customer, only=name)
    differences, status = _save(request, customer, form)
    if status == 303 and not request.htmx:
        _say_saved(request, _("Saved."), customer if name == "email" else None)
        return responses.see_other(customer.get_absolute_url())
    context = {"form": form, "customer": customer, "differences": differences}
    if status == 303 or (request.htmx and "show" in request.GET):
        customer.refresh_from_db()
        context = {"customer": customer, "can_edit": True, "has_focus": True}
        context["fact"] = _shown(customer, name)
        if status == 303 and name in FOLLOWS:
            context["follower"] = _shown(customer, FOLLOWS[name])
        if name == "email":
            context["sharing"] = selectors.sharing_address(customer)
        return render(request, "crm/_fact_saved.html", context)
    context["fact"] = _shown(customer, name)
    page = "crm/_fact_form.html" if request.htmx else "crm/customer_fact.html"
    return render(request, page, context, status=status)


def _shown(customer: Customer, name: str) -> Fact:
    if name == POSTAL_ADDRESS:
        return postal_address(customer, selectors.business())
    return fact(customer, name)


def _is_fact(request: HtmxRequest, name: str) -> bool:
    """Whether there is such a fact, for this person."""
    if name == "notes":
        return staff_of(request).can(Capability.SEE_NOTES)
    return name in NAMES or custom_facts.field_named(name) is not None


def _form(request: HtmxRequest, customer: Customer, only: str = "") -> CustomerForm:
    return CustomerForm(
        request.POST if request.method == "POST" else None,
        customer=customer,
        see_notes=staff_of(request).can(Capability.SEE_NOTES),
        only=only,
    )


def _save(
    request: HtmxRequest, customer: Customer, form: CustomerForm
) -> tuple[list[Difference], int]:
    """Save what was changed; the answer's status, 303 where it is saved."""
    if not form.is_valid():
        return [], responses.UNPROCESSABLE if form.errors else 200
    changes = form.changes
    version = form.cleaned_data["version"]
    try:
        customers.update_customer(
            customer, changes=changes, version=version, now=timezone.now()
        )
    except StaleVersion:
        return _both(customer, form), responses.conflict_status(request)
    except DomainError as error:
        add_to_form(form, error)
        return [], responses.UNPROCESSABLE
    return [], 303


def _both(customer: Customer, form: CustomerForm) -> list[Difference]:
    """Show both, and let the next Save count from what is saved now.

    What this person did not touch takes the saved value, so that a second Save
    changes nothing but what they typed.
    """
    saved = values_of(customer)
    typed = set(form.changed_data)
    values: dict[str, Any] = {"version": str(customer.version)}
    differences = []
    for field in form.shown:
        now_saved = field.field.prepare_value(saved[field.name])
        values[field.html_initial_name] = _text(now_saved)
        if field.name not in typed:
            values[field.html_name] = _text(now_saved)
            continue
        yours = form.cleaned_data[field.name]
        if _text(getattr(yours, "pk", yours)) != _text(now_saved):
            theirs = customer.owner if field.name == "owner" else now_saved
            both = (_said(field, theirs) or "", _said(field, yours) or "")
            differences.append(Difference(field.label, *both))
    responses.with_values(form, **values)
    return differences


def _said(field: BoundField, value: Any) -> Any:
    """Choices by what they are called, of the fields that staff made."""
    if not field.name.startswith("custom_") or not hasattr(field.field, "choices"):
        return value
    labels = dict(field.field.choices)
    chosen = value if isinstance(value, list) else [value]
    return ", ".join(str(labels.get(one, one)) for one in chosen)


def _text(value: Any) -> Any:
    """As a form sends it: a list is a list, everything else a text."""
    if isinstance(value, list) and not isinstance(value, NameList):
        return value
    return "" if value is None else str(value)
