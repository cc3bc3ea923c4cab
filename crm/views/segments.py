"""Segments: the list, the builder, how many are in one."""

from dataclasses import dataclass
from datetime import date

from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from crm import audiences, segment_people, selectors
from crm.access import Capability, requires
from crm.forms import segments as builder
from crm.forms import sent_segments
from crm.forms.sent_segments import Raw
from crm.models import Customer, Segment, SegmentSnapshot, User
from crm.request_context import request_context
from crm.rules import segment_tree
from crm.services import saved_views, segments
from crm.sql import distinct
from web.error_messages import for_error, for_field
from web.errors import DomainError, InvalidValue
from web.responses import HtmxRequest
from web.rules.numbers import whole_number

UNPROCESSABLE = 422
SHOWN_PEOPLE = 8


@dataclass
class Draft:
    """What is on the page: of the row, or as it was sent."""

    name: str
    description: str
    tree: Raw
    version: int


@require_safe
@requires(Capability.SEE_SEGMENTS)
def segment_list(request: HttpRequest) -> HttpResponse:
    """Every segment with the sentence that it means."""
    context = request_context(request)
    rows = [
        (row, segment_people.in_words(segment_people.tree(row)))
        for row in Segment.objects.all()
    ]
    may_edit = context.user.can(Capability.EDIT_SEGMENTS)
    return render(
        request,
        "crm/segment_list.html",
        {"rows": rows, "may_edit": may_edit, "sees_people": context.sees_customers},
    )


@require_safe
@requires(Capability.SEE_SEGMENTS)
def segment_count(request: HttpRequest, pk: int) -> HttpResponse:
    """How many are in it now; asked for by the list, so that no page waits."""
    row = get_object_or_404(Segment, pk=pk)
    today = selectors.business().day(timezone.now())
    count = segment_people.count(row, today=today)
    # Without the request: what the frame of a page asks for is not needed.
    return HttpResponse(
        render_to_string(
            "crm/_segment_count.html",
            {"count": count, "url": _people_url(request, row)},
        )
    )


@requires(Capability.EDIT_SEGMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def segment_create(request: HtmxRequest) -> HttpResponse:
    """A new one, a copy of another (`?of=ID`), or of a list (`?list=QUERY`)."""
    if request.method == "POST":
        return _answer(request, None)
    return _page(request, None, _started(request))


@requires(Capability.SEE_SEGMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def segment(request: HtmxRequest, pk: int) -> HttpResponse:
    """Show it, and to whoever may edit it, its builder."""
    row = get_object_or_404(Segment, pk=pk)
    if request.method == "POST":
        if not request_context(request).user.can(Capability.EDIT_SEGMENTS):
            raise PermissionDenied(Capability.EDIT_SEGMENTS.value)
        return _answer(request, row)
    draft = Draft(row.name, row.description, row.conditions, row.version)
    return _page(request, row, draft)


@requires(Capability.EDIT_SEGMENTS)
@require_POST
def segment_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Only what nothing uses; `unfollow` where it is followed."""
    row = get_object_or_404(Segment, pk=pk)
    unfollow = bool(request.POST.get("unfollow"))
    try:
        segments.delete(row, now=timezone.now(), unfollow=unfollow)
    except DomainError as error:
        notices.error(request, for_error(error))
        return redirect("crm:segment", pk=pk)
    notices.success(request, _("“%(name)s” is deleted.") % {"name": row.name})
    return redirect("crm:segment-list")


def _people_url(request: HttpRequest, row: Segment) -> str:
    """The list of its people; empty for whoever may not see them."""
    return row.people_url if request_context(request).sees_customers else ""


def _started(request: HttpRequest) -> Draft:
    of = whole_number(request.GET.get("of", ""))
    original = Segment.objects.filter(pk=of).first() if of else None
    of_list = request.GET.get("list", "").replace("\x00", "")
    if conditions := audiences.as_conditions(of_list):
        return Draft("", "", conditions, 0)
    if original is None:
        tree = {"match": "all", "parts": [sent_segments.new_condition()]}
        return Draft("", "", tree, 0)
    name = _("Copy of %(name)s") % {"name": original.name}
    return Draft(name, original.description, original.conditions, 0)


def _answer(request: HtmxRequest, row: Segment | None) -> HttpResponse:
    """A press on the page: save, or show the tree after the press, unsaved."""
    do = request.POST.get("do", "")
    draft = Draft(
        request.POST.get("name", ""),
        request.POST.get("description", ""),
        sent_segments.changed(sent_segments.sent_tree(request.POST), do),
        whole_number(request.POST.get("version", "")) or 0,
    )
    if do != "save":
        return _page(request, row, draft)
    try:
        saved = _saved(request, row, draft)
    except InvalidValue as error:
        return _page(request, row, draft, error.fields)
    except DomainError as error:
        fields = error.fields or {"": str(for_error(error))}
        return _page(request, row, draft, fields)
    notices.success(request, _("Saved. Whatever uses it follows from now on."))
    return redirect("crm:segment", pk=saved.pk)


def _saved(request: HttpRequest, row: Segment | None, draft: Draft) -> Segment:
    now = timezone.now()
    if row is None:
        assert isinstance(request.user, User)
        return segments.create(
            name=draft.name,
            description=draft.description,
            conditions=draft.tree,
            by=request.user,
            now=now,
        )
    return segments.change(
        row,
        name=draft.name,
        description=draft.description,
        conditions=draft.tree,
        version=draft.version,
        now=now,
    )


def _page(
    request: HtmxRequest,
    row: Segment | None,
    draft: Draft,
    errors: dict[str, str] | None = None,
) -> HttpResponse:
    context = request_context(request)
    around = builder.Around(_currencies(context.business.currency), request.POST)
    shown = builder.shown(draft.tree, around)
    found = {
        "segment": row,
        "draft": draft,
        "tree": shown,
        "errors": {
            name: str(for_field(name, code)) if name else code
            for name, code in (errors or {}).items()
        },
        "may_edit": context.user.can(Capability.EDIT_SEGMENTS),
        "sees_people": context.sees_customers,
        **(_uses(row) if row is not None else {}),
        **_people(draft.tree, shown, context.business.day(context.now)),
    }
    part = "crm/_segment_builder.html" if request.htmx else "crm/segment.html"
    return render(request, part, found, status=UNPROCESSABLE if errors else 200)


def _uses(row: Segment) -> dict[str, object]:
    """What uses it; where nothing does, what would go with it."""
    if uses := segments.uses_of(row):
        return {"uses": uses}
    return {
        "snapshots": SegmentSnapshot.objects.filter(segment=row).count(),
        "views": len(saved_views.views_of(row)),
    }


def _people(tree: Raw, shown: builder.GroupRow, today: date) -> dict[str, object]:
    """The sentence, how many and some of them; nothing while a row is unfinished."""
    if not shown.is_whole:
        return {}
    group = segment_tree.read(tree)
    ids = segment_people.some(group, today=today, most=SHOWN_PEOPLE)
    return {
        "sentence": segment_people.in_words(group),
        "count": segment_people.count_of(group, today=today),
        "some": Customer.objects.filter(pk__in=ids).order_by("sort_name", "pk"),
        "is_opinion": segment_people.is_by_opinion(group),
    }


def _currencies(shop: str) -> list[str]:
    """Those in which somebody ordered, the shop's own first."""
    used = distinct.values_of("crm_ordersum", "currency")
    return [shop, *(one for one in used if one != shop)]
