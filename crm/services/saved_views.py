"""Give a view of the customer list a name, for oneself or for everybody."""

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict

from crm import audiences
from crm.errors import NotAllowed
from crm.models import Customer, SavedView, Segment, User
from crm.rules.search import search_words
from crm.services import audit
from web.errors import AlreadyExists, InvalidValue
from web.rules import text

# What the list shows above it; more would hide the list.
MOST_OWN = 30


def views_for(user: User) -> "QuerySet[SavedView]":
    """One's own and those that colleagues share, by name."""
    return SavedView.objects.filter(Q(owner=user) | Q(is_shared=True))


@transaction.atomic
def save(
    *, name: str, query: str, is_shared: bool, by: User, now: datetime
) -> SavedView:
    """Keep a query string. Raises InvalidValue, and AlreadyExists for a name that one
    has already."""
    kept = text.one_line(name, field="name", most=60)
    if not kept:
        raise InvalidValue(fields={"name": "required"})
    checked = audiences.checked(query)
    if not checked:
        raise InvalidValue(fields={"audience": "unknown_filter"})
    if SavedView.objects.filter(owner=by).count() >= MOST_OWN:
        raise InvalidValue(fields={"name": "too_many"})
    try:
        with transaction.atomic():
            row = SavedView.objects.create(
                name=kept, query=checked, owner=by, is_shared=is_shared, created_at=now
            )
    except IntegrityError:
        raise AlreadyExists(fields={"name": "name_taken"}) from None
    audit.record("saved_view.created", f"saved_view:{row.pk}", now=now)
    return row


@transaction.atomic
def delete(view: SavedView, *, by: User, now: datetime) -> None:
    """Raises NotAllowed for somebody else's."""
    if view.owner_id != by.pk:
        raise NotAllowed
    SavedView.objects.filter(pk=view.pk).delete()
    audit.record("saved_view.deleted", f"saved_view:{view.pk}", now=now)


def views_of(segment: Segment) -> list[SavedView]:
    """Everybody's views that list the people of a segment; they are few."""
    return [
        view
        for view in SavedView.objects.filter(query__contains="segment=")
        if QueryDict(view.query).get("segment") == str(segment.pk)
    ]


def forget(ids: Collection[int]) -> None:
    """Delete the views that search for one of these people, who are being erased: such
    a view is about them. They are few, and each search is some words."""
    people = Customer.objects.filter(pk__in=ids).values_list("search_text", flat=True)
    known = [text for text in people if text]
    for view in SavedView.objects.filter(query__regex=r"(^|&)q="):
        words = search_words(QueryDict(view.query).get("q", ""))
        if words and any(all(word in text for word in words) for text in known):
            view.delete()
