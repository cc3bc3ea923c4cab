"""The staff page of reviews: read, publish, reject with a reason."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from crm.access import Capability, requires
from crm.staff import staff_of
from feedback import selectors
from feedback.choices import ReviewState
from feedback.forms import PublishForm, RejectForm, in_words, refuse
from feedback.models import Review
from feedback.services import moderation
from web import paging
from web.errors import DomainError

PER_PAGE = 50
TABS = (
    (ReviewState.HELD, _("Held")),
    (ReviewState.PUBLISHED, _("Published")),
    (ReviewState.REJECTED, _("Rejected")),
    (ReviewState.WITHDRAWN, _("Withdrawn")),
)


@requires(Capability.SEE_REVIEWS)
@require_safe
def review_list(request: HttpRequest) -> HttpResponse:
    """The reviews in the state of `?state=`."""
    return _list(request, _state(request.GET.get("state", "")))


@requires(Capability.MODERATE_REVIEWS)
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: publish the review in the version that was shown."""
    review = get_object_or_404(Review, pk=pk)
    form = PublishForm(request.POST)
    if not form.is_valid():
        return _refused(request, review, _("This could not be saved."))
    try:
        moderation.publish(
            review,
            version=form.cleaned_data["version"],
            staff=staff_of(request),
            now=timezone.now(),
        )
    except DomainError as error:
        return _refused(request, review, in_words(error))
    return _decided(request, review, _("Published. Everybody can read it."))


@requires(Capability.MODERATE_REVIEWS)
@require_POST
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: reject the review in the version that was shown, with a note."""
    review = get_object_or_404(Review, pk=pk)
    form = _reject_form(review, request.POST)
    if not form.is_valid():
        return _again(request, review, form)
    try:
        moderation.reject(
            review,
            note=form.cleaned_data["note"],
            version=form.cleaned_data["version"],
            staff=staff_of(request),
            now=timezone.now(),
        )
    except DomainError as error:
        if not error.fields:
            return _refused(request, review, in_words(error))
        refuse(form, error)
        return _again(request, review, form)
    return _decided(request, review, _("Rejected. Its writer can read why."))


def _state(word: str) -> ReviewState:
    return ReviewState(word) if word in set(ReviewState) else ReviewState.HELD


def _reject_form(review: Review, data: Any = None) -> RejectForm:
    return RejectForm(
        data,
        initial={"version": review.version},
        auto_id=f"reject-{review.pk}-%s",
    )


def _list(
    request: HttpRequest,
    state: ReviewState,
    refused: tuple[int, RejectForm] | None = None,
) -> HttpResponse:
    page = paging.page(
        selectors.in_state(state),
        by="written_at",
        size=PER_PAGE,
        **paging.sides_of(request),
        # Who waits longest is read first.
        oldest_first=state is ReviewState.HELD,
    )
    context = {
        "state": state.value,
        "tabs": [(tab.value, word) for tab, word in TABS],
        "held": selectors.how_many_wait(),
        "rows": [_row(request, review, refused) for review in page.rows],
        "shares": selectors.rejected_by_stars()
        if state is ReviewState.REJECTED
        else [],
        "form": refused[1] if refused else None,
        "newer_url": _beside(state, "newer", page.newer),
        "older_url": _beside(state, "older", page.older),
        "now": timezone.now(),
    }
    status = 422 if refused else 200
    return render(request, "feedback/review_list.html", context, status=status)


def _row(
    request: HttpRequest, review: Review, refused: tuple[int, RejectForm] | None = None
) -> dict[str, Any]:
    """What one row shows; the forms only for those who may use them."""
    staff = staff_of(request)
    failed: Form | None = refused[1] if refused and refused[0] == review.pk else None
    return {
        "review": review,
        "form": failed or _reject_form(review),
        "is_refused": failed is not None,
        "may_moderate": staff.can(Capability.MODERATE_REVIEWS),
        "may_reply": staff.can(Capability.REPLY),
        "may_see_customer": staff.can(Capability.SEE_CUSTOMERS),
    }


def _beside(state: ReviewState, way: str, place: str) -> str:
    return f"?state={state.value}&{way}={place}" if place else ""


def _again(request: HttpRequest, review: Review, form: RejectForm) -> HttpResponse:
    """The form again, with what is missing: the row alone, or the whole page."""
    if request.headers.get("HX-Request"):
        context = {
            "row": _row(request, review, (review.pk, form)),
            "now": timezone.now(),
        }
        return render(request, "feedback/_review_row.html", context, status=422)
    return _list(request, ReviewState(review.state), (review.pk, form))


def _refused(request: HttpRequest, review: Review, why: Any) -> HttpResponse:
    """Somebody else was quicker: say so beside the review as it stands now."""
    if request.headers.get("HX-Request"):
        fresh = selectors.with_row_parts().get(pk=review.pk)
        context = {"row": _row(request, fresh), "problem": why, "now": timezone.now()}
        return render(request, "feedback/_review_row.html", context, status=422)
    messages.error(request, why)
    return HttpResponseRedirect(_list_url(ReviewState(review.state)))


def _decided(request: HttpRequest, review: Review, news: Any) -> HttpResponse:
    """The row goes, a sentence comes; without scripts the list comes again."""
    if request.headers.get("HX-Request"):
        context = {"text": news, "held": selectors.how_many_wait()}
        return render(request, "feedback/_review_decided.html", context)
    messages.success(request, news)
    return HttpResponseRedirect(_list_url(ReviewState(review.state)))


def _list_url(state: ReviewState) -> str:
    url = reverse("feedback:review-list")
    return url if state is ReviewState.HELD else f"{url}?state={state.value}"
