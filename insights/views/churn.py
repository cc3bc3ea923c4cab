"""Who left: by month, what it adds up to, and marks for what was done about it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from crm.access import Capability, requires
from crm.staff import staff_of
from insights import comparisons, tables
from insights.forms.filters import FilterForm
from insights.forms.marks import MarkForm
from insights.models import Mark
from insights.selectors import churn, closed, late, money
from insights.selectors import marks as selectors
from insights.services import marks
from insights.views.reading import figures_page, reading
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError
from web.rules.movement import movements


@requires(Capability.SEE_INSIGHTS)
@require_safe
@figures_page
def rate(request: HttpRequest) -> HttpResponse:
    """The churn by customers, and what was measured before and after each mark."""
    read = reading(request)
    compared, found = None, selectors.measured(read.basis, read.horizon)
    page = selectors.changes(found)
    context = read.context("retention") | {
        "part": "left",
        "may_edit": staff_of(request).can(Capability.EDIT_INSIGHTS),
    }
    if read.horizon is not None:
        months = churn.by_month(read.basis, read.horizon)
        context["months"] = list(reversed(months))
        context["figure"] = churn.rate(
            read.definition, read.basis, read.horizon, months
        )
        context["by_revenue"] = told = money.told(read.basis, "revenue-churn")
        counts = ((one.asked.period, one.counts) for one in months)
        left = closed.of_people(read.basis, counts, read.horizon, lost=True)
        spans = closed.of_money(one.row for one, _figure in told)
        context["late"] = late.changed([*left, *spans])
        form = FilterForm(request.GET, bases=read.bases, horizon=read.horizon)
        both = form.both()
        context["form"] = form
        context["compared"] = compared = both and comparisons.of_churn(
            both,
            read.definition,
            horizon=read.horizon,
            today=read.today,
            page=page,
        )
        context["as_file"] = f"?{request.GET.urlencode()}&as="
        if tables.is_asked(request):
            monthly = [churn.of_month(read.definition, one) for one in months]
            by_revenue = [made for _currency, made in context["by_revenue"]]
            figures = [context["figure"], *by_revenue, *monthly]
            sides = compared.figures if compared else []
            return tables.answer(request, "churn", [*sides, *figures])
    moved = compared.moved if compared else movements(page)
    context["marks"] = selectors.named(found, moved)
    return render(request, "insights/churn.html", context)


@requires(Capability.EDIT_INSIGHTS)
@require_http_methods(["GET", "HEAD", "POST"])
def mark_create(request: HttpRequest) -> HttpResponse:
    """Set a mark: what is measured, and for how long, is fixed with it."""
    read = reading(request)
    form = MarkForm(request.POST or None, basis=read.basis)
    if request.method == "POST" and form.is_valid():
        try:
            marks.make(**form.values, by=staff_of(request), now=timezone.now())
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(request, _("The mark is set."))
            return responses.see_other(_churn_page(read.basis.value))
    status = responses.UNPROCESSABLE if form.errors else 200
    context = read.context("retention") | {"form": form}
    return render(request, "insights/mark_create.html", context, status=status)


@requires(Capability.EDIT_INSIGHTS)
@require_POST
def mark_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a mark away."""
    mark = get_object_or_404(Mark, pk=pk)
    basis = mark.basis
    marks.delete(mark, now=timezone.now())
    responses.add_message(request, _("The mark is deleted."))
    return responses.see_other(_churn_page(basis))


def _churn_page(basis: str) -> str:
    return f"{reverse('insights:churn')}?basis={basis}#marks"
