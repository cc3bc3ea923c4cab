"""Files and pictures of a draft."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from crm.access import Capability, requires
from crm.staff import staff_of
from support.forms.writing import DraftForm
from support.models import Draft, DraftFile
from support.rules import pictures
from support.services import drafts
from support.services.reading.kinds import PICTURES
from support.views.drafts import own_draft, place_of, typing_at
from support.views.mails import download
from web import responses, uploads
from web.errors import DomainError


@require_POST
@requires(Capability.REPLY)
def draft_file_create(request: HttpRequest, pk: int, ticket: str) -> HttpResponse:
    """Put files, or a picture in the text, to a draft; the address says who may send as
    much."""
    mine = own_draft(request, pk)
    if uploads.owner_of(ticket) != staff_of(request).pk:
        raise Http404
    try:
        _keep_typed(request, mine)
        for file in request.FILES.getlist("files"):
            drafts.add_file(
                mine, name=file.name or "", content=file.read(), now=timezone.now()
            )
        if picture := request.FILES.get("picture"):
            return typing_at(mine, _put_in_picture(request, mine, picture))
    except DomainError as error:
        responses.add_refusal(request, error)
    return responses.see_other(mine.get_absolute_url())


def _put_in_picture(
    request: HttpRequest, mine: Draft, picture: "UploadedFile[Any]"
) -> int:
    """The place behind it."""
    now = timezone.now()
    added = drafts.add_picture(
        mine, name=picture.name or "", content=picture.read(), now=now
    )
    mine.refresh_from_db()
    stands = pictures.marker(added.name, request.POST.get("alt", ""))
    text, behind = drafts.with_words(mine, stands, place_of(request))
    drafts.keep(mine, version=mine.version, now=now, text=text)
    return behind


@require_safe
@requires(Capability.REPLY)
def draft_picture(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A picture of one's own draft, to be seen in it."""
    file = get_object_or_404(
        DraftFile, pk=pk, draft__author=staff_of(request), content_type__in=PICTURES
    )
    return download(file.key, file.name, file.content_type)


@require_POST
@requires(Capability.REPLY)
def draft_file_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file off again; what is typed beside it is kept."""
    file = get_object_or_404(
        DraftFile.objects.select_related("draft"),
        pk=pk,
        draft__author=staff_of(request),
    )
    try:
        _keep_typed(request, file.draft)
        drafts.remove_file(file, now=timezone.now())
    except DomainError as error:
        responses.add_refusal(request, error)
    return responses.see_other(file.draft.get_absolute_url())


def _keep_typed(request: HttpRequest, mine: Draft) -> None:
    """What stands in the form beside the files. Raises StaleVersion."""
    form = DraftForm(request.POST)
    if "version" in request.POST and form.is_valid():
        drafts.keep(mine, now=timezone.now(), **form.cleaned_data)
