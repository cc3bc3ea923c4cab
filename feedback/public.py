"""What customers see of reviews: the page behind their link, and what is published."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from crm import selectors as crm
from crm.access import public
from crm.models import Product
from crm.services import audit
from feedback import selectors, structured_data
from feedback.errors import NoReview, RequestClosed
from feedback.forms import ReviewForm, refuse
from feedback.models import Review, ReviewRequest
from feedback.rules import STARS
from feedback.services import reviews
from messaging.errors import LinkGone
from messaging.public_forms import link_gone, token_page
from messaging.public_language import page_language, speaking
from messaging.rules.choices import Category, Purpose
from messaging.services import links
from web import paging
from web.errors import InvalidValue
from web.rules.numbers import whole_number

PER_PAGE = 20


@dataclass(frozen=True)
class Opened:
    """What the link leads to, and in which language its page is."""

    request: ReviewRequest
    review: Review | None
    products: list[Product]
    language: str

    @property
    def actor(self) -> audit.Actor:
        return audit.customer(self.request.customer_id)


# --- The page behind the link --------------------------------------------------------


@public
@token_page
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the form or what was sent; POST sends or changes the review."""
    now = timezone.now()
    try:
        opened = _open(request, token, now)
    except LinkGone:
        return link_gone(request)
    with speaking(opened.language), audit.acting(opened.actor):
        if request.method == "POST":
            return _send(request, opened, now)
        return _show(request, opened, now)


@public
@token_page
@require_POST
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """POST: the customer takes the review behind this link back."""
    now = timezone.now()
    try:
        opened = _open(request, token, now)
        with audit.acting(opened.actor):
            reviews.withdraw_review(opened.request, now=now)
    except (LinkGone, NoReview):
        return link_gone(request)
    return _back(request, request.path.removesuffix("withdraw/"))


def _open(request: HttpRequest, token: str, now: datetime) -> Opened:
    link = links.open_link(token, purpose=Purpose.REVIEW, now=now)
    asked = (
        ReviewRequest.objects.select_related("order", "customer", "review__product")
        .filter(pk=link.subject_id)
        .first()
    )
    if asked is None:
        raise LinkGone
    return Opened(
        request=asked,
        review=getattr(asked, "review", None),
        products=selectors.products_of([asked.order_id]).get(asked.order_id, []),
        language=page_language(request, asked.customer),
    )


def _show(request: HttpRequest, opened: Opened, now: datetime) -> HttpResponse:
    wants_form = "edit" in request.GET or "stars" in request.GET
    if opened.review is not None and not wants_form:
        return _page(request, opened, "feedback/review_sent.html", {})
    if opened.review is None and not reviews.is_open(opened.request, now):
        return _closed(request, opened)
    initial = _initial(opened)
    chosen = request.GET.getlist("stars")
    if len(chosen) == 1 and chosen[0] in map(str, STARS):
        # The star pressed in the mail: chosen on the page, stored nowhere.
        initial["stars"] = chosen[0]
    return _form(request, opened, ReviewForm(initial=initial, products=opened.products))


def _initial(opened: Opened) -> dict[str, Any]:
    was = opened.review
    if was is None:
        first = opened.products[0].pk if opened.products else ""
        return {"name_shown": opened.request.customer.greeting_name, "product": first}
    return {
        "stars": was.stars,
        "body": was.body,
        "name_shown": was.name_shown,
        "product": was.product_id or "",
    }


def _send(request: HttpRequest, opened: Opened, now: datetime) -> HttpResponse:
    form = ReviewForm(request.POST, products=opened.products)
    if not form.is_valid():
        return _form(request, opened, form, status=422)
    try:
        written = form.written(opened.language)
        reviews.submit_review(opened.request, written=written, now=now)
    except RequestClosed:
        return _closed(request, opened)
    except InvalidValue as error:
        refuse(form, error)
        return _form(request, opened, form, status=422)
    return _back(request, request.path)


def _form(
    request: HttpRequest, opened: Opened, form: ReviewForm, status: int = 200
) -> HttpResponse:
    return _page(request, opened, "feedback/review_write.html", {"form": form}, status)


def _closed(request: HttpRequest, opened: Opened) -> HttpResponse:
    return _page(request, opened, "feedback/review_closed.html", {}, status=410)


def _page(
    request: HttpRequest,
    opened: Opened,
    template: str,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    stop = links.stop_token(opened.request.customer_id, Category.SURVEY)
    shared = {
        "shop": crm.business().name,
        "page_language": opened.language,
        "order": opened.request.order,
        "products": opened.products,
        "review": opened.review,
        "stop_url": f"/u/{stop}/",
    }
    return render(request, template, {**shared, **context}, status=status)


def _back(request: HttpRequest, path: str) -> HttpResponse:
    """After a POST the page is fetched again, so that a refresh sends nothing."""
    language = request.GET.get("lang", "")
    known = page_language(request, None) if language else ""
    query = f"?lang={language}" if language and language == known else ""
    return HttpResponseRedirect(path + query)


# --- What everybody may read ---------------------------------------------------------


@public
@require_safe
def published(request: HttpRequest) -> HttpResponse:
    """Published reviews, newest first, of the shop or with `?product=` of one thing."""
    language = page_language(request, None)
    product = _product(request.GET.get("product", ""))
    product_id = product.pk if product else None
    found = selectors.published(product_id).select_related("product")
    page = paging.page(
        found,
        by="published_at",
        size=PER_PAGE,
        **paging.sides_of(request),
    )
    summary = selectors.star_summary(product_id)
    with speaking(language):
        context = {
            "shop": crm.business().name,
            "page_language": language,
            "product": product,
            "reviews": page.rows,
            "summary": summary,
            "bars": list(zip(reversed(STARS), reversed(summary.counts), strict=True)),
            "page": page,
            "json_ld": structured_data.of_product(product, page.rows, summary)
            if product
            else "",
        }
        return render(request, "feedback/reviews_public.html", context)


def _product(text: str) -> Product | None:
    if not text:
        return None
    number = whole_number(text)
    if number is None:
        raise Http404(_("There is no such product."))
    return get_object_or_404(Product, pk=number)
