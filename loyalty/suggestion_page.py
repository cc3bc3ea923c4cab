"""The page behind a suggestion's link: not this product, or no suggestions at all.

A part of `public.reminder`, which opens the link: GET shows, POST acts.
"""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crm import selectors as crm
from crm.models import Product
from loyalty import words
from loyalty.models import SuggestionRefusal
from loyalty.services import suggestions as service
from loyalty.sql import suggestions as sql
from messaging.models import Message
from web.rules.numbers import whole_number

KINDS = service.KINDS
_ALL = {"refuse-all": service.refuse, "allow-all": service.allow}
_ONE = {"refuse": service.refuse, "allow": service.allow}


@dataclass(frozen=True)
class Row:
    """One product as the page shows it."""

    product: Product
    reason: str
    is_refused: bool


def act(request: HttpRequest, message: Message, now: datetime) -> bool:
    """Do what a button says; False where it says nothing we know."""
    action = request.POST.get("action", "")
    if action in _ALL:
        _ALL[action](message, product_id=None, now=now)
        return True
    product_id = whole_number(request.POST.get("product", ""))
    if action not in _ONE or product_id is None:
        return False
    _ONE[action](message, product_id=product_id, now=now)
    return True


def show(
    request: HttpRequest,
    message: Message,
    *,
    language: str,
    preferences_url: str,
    is_unknown: bool,
) -> HttpResponse:
    """What the mail suggested, and what the customer answered."""
    refused: set[int | None] = set(
        SuggestionRefusal.objects.filter(customer=message.person_id).values_list(
            "product", flat=True
        )
    )
    context = {
        "rows": _rows(message, refused),
        "is_all_refused": None in refused,
        "is_unknown": is_unknown,
        "language": language,
        "page_language": language,
        "shop": crm.business().name,
        "preferences_url": preferences_url,
        "customer_id": message.person_id,
    }
    status = 422 if is_unknown else 200
    return render(request, "loyalty/suggestions.html", context, status=status)


def _rows(message: Message, refused: set[int | None]) -> list[Row]:
    listed = sql.standings([message.pk])[message.pk]
    ids = {one.product_id for one in listed} | {one.bought_id for one in listed}
    products = Product.objects.in_bulk(ids)
    return [
        Row(
            products[one.product_id],
            words.suggested(one.why, str(products.get(one.bought_id, ""))),
            one.product_id in refused,
        )
        for one in listed
        if one.product_id in products
    ]
