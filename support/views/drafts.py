"""The page to write on: keep as it is typed, put files to it, send."""

from typing import Any

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
from crm.staff import staff_of, zone_of_reader
from support.errors import AddressesRefused
from support.forms.writing import DraftForm, SendLaterForm
from support.models import Draft, DraftFile
from support.rules import pictures
from support.selectors import threads
from support.services import drafts, saved_replies, sending_later, writing
from web import responses, uploads
from web.error_messages import for_error
from web.errors import DomainError, StaleVersion
from web.responses import HtmxRequest
from web.rules.numbers import whole_number

# No text has so many characters.
_LONGEST = 10_000_000


@require_safe
@requires(Capability.REPLY)
def draft_list(request: HttpRequest) -> HttpResponse:
    """What this person has begun and not sent."""
    mine = Draft.objects.filter(author=staff_of(request))
    mine = mine.order_by("-changed_at", "-pk")[:200]
    return render(request, "support/draft_list.html", {"drafts": mine})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.REPLY)
def draft(request: HtmxRequest, pk: int) -> HttpResponse:
    """The page to write on. A POST keeps what is typed, and then does what was pressed:
    send, later, insert, or nothing more."""
    mine = own_draft(request, pk)
    if request.method != "POST":
        return _shown(request, mine)
    form = DraftForm(request.POST)
    if not form.is_valid():
        return _shown(request, mine, form=form, status=responses.UNPROCESSABLE)
    data = form.cleaned_data
    try:
        kept = drafts.keep(mine, now=timezone.now(), **data)
    except StaleVersion:
        return _conflict(request, mine, form)
    if request.POST.get("action") == "keep" and request.htmx:
        context = {"draft": kept, "writers": _writers(request, mine)}
        return render(request, "support/_draft_keeping.html", context)
    return _pressed(request, kept)


def _pressed(request: HtmxRequest, kept: Draft) -> HttpResponse:
    try:
        match request.POST.get("action"):
            case "send":
                return _send(request, kept)
            case "later":
                return _later(request, kept)
            case "insert":
                return _insert(request, kept)
    except DomainError as error:
        return _shown(
            request, kept, refusal=_words(error), status=responses.UNPROCESSABLE
        )
    return responses.see_other(kept.get_absolute_url())


def _send(request: HttpRequest, kept: Draft) -> HttpResponse:
    mail = writing.send(kept, now=timezone.now())
    responses.add_message(
        request,
        _("It goes in ten seconds."),
        reverse("support:mail-take-back", args=[mail.pk]),
    )
    return responses.see_other(mail.conversation.get_absolute_url())


def _later(request: HtmxRequest, kept: Draft) -> HttpResponse:
    form = SendLaterForm(request.POST)
    if not form.is_valid() or form.cleaned_data["send_at"] is None:
        words = _("Choose when it is to go.")
        return _shown(request, kept, refusal=words, status=responses.UNPROCESSABLE)
    at = form.cleaned_data["send_at"].replace(tzinfo=zone_of_reader(request))
    sending_later.schedule(kept, at=at, now=timezone.now())
    responses.add_message(
        request,
        _("It goes by itself then, unless they write first."),
        reverse("support:draft-unschedule", args=[kept.pk]),
    )
    return responses.see_other(kept.get_absolute_url())


def _insert(request: HttpRequest, kept: Draft) -> HttpResponse:
    wanted = whole_number(request.POST.get("saved_reply", ""))
    mine = saved_replies.of(staff_of(request))
    found = mine.filter(pk=wanted).first() if wanted else None
    if found is None:
        return responses.see_other(kept.get_absolute_url())
    behind = saved_replies.put_in(found, kept, at=place_of(request), now=timezone.now())
    return typing_at(kept, behind)


def place_of(request: HttpRequest) -> int | None:
    """Where the cursor stood; None where no script sent it."""
    return whole_number(request.POST.get("at", ""), most=_LONGEST)


def typing_at(mine: Draft, place: int) -> HttpResponse:
    """The page, with the cursor at this place of the text."""
    return responses.see_other(f"{mine.get_absolute_url()}?cursor={place}")


def _conflict(request: HtmxRequest, mine: Draft, form: DraftForm) -> HttpResponse:
    """Another window of the same person was faster: theirs is kept, this is shown."""
    responses.with_values(form, version=str(mine.version))
    words = _(
        "This mail was changed in another window. Your text stands below; send or save"
        " it to put it in the place of the other."
    )
    if request.htmx and request.POST.get("action") == "keep":
        return HttpResponse(status=responses.CONFLICT)
    return _shown(request, mine, form=form, refusal=words, status=responses.CONFLICT)


@require_POST
@requires(Capability.REPLY)
def draft_unschedule(request: HttpRequest, pk: int) -> HttpResponse:
    """It waits for its author again."""
    mine = own_draft(request, pk)
    sending_later.unschedule(mine)
    responses.add_message(request, _("It waits for you again."))
    return responses.see_other(mine.get_absolute_url())


@require_POST
@requires(Capability.REPLY)
def draft_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw it away; the page asks first."""
    mine = own_draft(request, pk)
    conversation = mine.conversation
    drafts.discard(mine)
    responses.add_message(request, _("Thrown away."))
    fallback = reverse("support:draft-list")
    return responses.see_other(
        conversation.get_absolute_url() if conversation else fallback
    )


def own_draft(request: HttpRequest, pk: int) -> Draft:
    """A draft of this person; those of others answer 404."""
    rows = Draft.objects.select_related(
        "conversation", "customer", "author", "follow_up"
    )
    return get_object_or_404(rows, pk=pk, author=staff_of(request))


def _words(error: DomainError) -> str:
    sentence = str(for_error(error))
    if isinstance(error, AddressesRefused):
        return f"{sentence} ({', '.join(error.addresses)})"
    fields = [str(code) for code in error.fields.values()]
    return f"{sentence} {' '.join(fields)}".strip() if fields else sentence


def _shown(
    request: HttpRequest,
    mine: Draft,
    *,
    form: DraftForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    return render(
        request,
        "support/draft.html",
        _context(request, mine, form) | {"refusal": refusal},
        status=status,
    )


def _context(
    request: HttpRequest, mine: Draft, form: DraftForm | None
) -> dict[str, Any]:
    conversation, staff = mine.conversation, staff_of(request)
    initial = {name: getattr(mine, name) for name in (*drafts.FIELDS, "version")}
    mails = conversation.mails.order_by("-at", "-pk")[:20] if conversation else ()
    return {
        "draft": mine,
        "form": _with_cursor(form or DraftForm(initial=initial), request),
        "later": SendLaterForm(),
        "files": _files(mine),
        "language": _language(mine),
        "ticket": uploads.ticket_for(staff.pk),
        "saved_replies": saved_replies.of(staff, language=_language(mine)),
        "conversation": conversation,
        "mails": mails,
        "writers": _writers(request, mine),
    }


def _writers(request: HttpRequest, mine: Draft) -> list[str]:
    """Colleagues who are writing in the same conversation just now."""
    if mine.conversation is None:
        return []
    staff, now = staff_of(request), timezone.now()
    return threads.writers(mine.conversation, but=staff, now=now)


def _files(mine: Draft) -> list[tuple[DraftFile, bool]]:
    """With whether each stands in the text."""
    names = pictures.named(mine.text)
    return [(file, writing.is_shown(file, names)) for file in mine.files.order_by("pk")]


def _with_cursor(form: DraftForm, request: HttpRequest) -> DraftForm:
    """The script puts the cursor there, behind what was just put in."""
    asked = whole_number(request.GET.get("cursor", ""), most=_LONGEST)
    if asked is not None:
        form.fields["text"].widget.attrs["data-cursor"] = asked
    return form


def _language(mine: Draft) -> str:
    if mine.conversation and mine.conversation.language:
        return mine.conversation.language
    return mine.customer.language if mine.customer else ""
