"""What is done with several conversations at once, or with one: each with its undo.

`join` brings the ticked ones together; splitting has a page, which shows the mails.
"""

from collections.abc import Callable
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import Capability, requires
from crm.models import User
from crm.staff import staff_of
from support.models import Conversation, ConversationChange, ConversationTag
from support.rules.choices import ChangeAction, ConversationKind
from support.selectors import conversations as selectors
from support.selectors import people
from support.services import changes, joining
from support.services.changes import Act, Done
from support.views import snoozing
from web import responses
from web.errors import DomainError
from web.rules.numbers import whole_number

_SHOWN = ("conversation", "at", "from_name", "from_address", "subject", "text")
_PARTING = (ChangeAction.JOIN.value, ChangeAction.SPLIT.value)
Read = Callable[[HttpRequest, datetime], Act]


@requires(Capability.REPLY)
@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """Do `action` to the conversations of `ids`; back to where it was asked."""
    word, now = request.POST.get("action", ""), timezone.now()
    if word not in _READERS and word != ChangeAction.JOIN.value:
        raise Http404
    ids = _ids(request, "ids")
    try:
        if word == ChangeAction.JOIN.value:
            done = joining.join(ids, by=staff_of(request), now=now)
        else:
            act = _READERS[word](request, now)
            done = changes.apply(
                ChangeAction(word), act, ids, by=staff_of(request), now=now
            )
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        _tell(request, done, ids)
    return responses.back(request, reverse("support:conversation-list"))


@requires(Capability.REPLY)
@require_http_methods(["GET", "HEAD", "POST"])
def parts(request: HttpRequest, pk: int) -> HttpResponse:
    """Split a conversation, or join others to it."""
    found = get_object_or_404(Conversation, pk=pk, joined_into=None)
    if request.method != "POST":
        context = {
            "conversation": found,
            "mails": list(found.mails.order_by("at", "pk").only(*_SHOWN)),
            "others": selectors.joinable_to(found),
            "now": timezone.now(),
        }
        return render(request, "support/conversation_parts.html", context)
    staff, now = staff_of(request), timezone.now()
    try:
        if request.POST.get("action") == ChangeAction.SPLIT.value:
            found, done = joining.split(
                found, _ids(request, "mails"), by=staff, now=now
            )
        else:
            done = joining.join([pk, *_ids(request, "ids")], by=staff, now=now)
    except DomainError as error:
        responses.add_refusal(request, error)
        return responses.see_other(reverse("support:conversation-parts", args=[pk]))
    _tell(request, done, [pk])
    return responses.see_other(reverse("support:conversation", args=[found.pk]))


def _ids(request: HttpRequest, name: str) -> list[int]:
    typed = (one.strip().removeprefix("#") for one in request.POST.getlist(name))
    return [pk for one in typed if (pk := whole_number(one))]


@requires(Capability.REPLY)
@require_POST
def change_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Put back what nobody changed since."""
    found = get_object_or_404(ConversationChange, pk=pk)
    try:
        is_parting = found.action in _PARTING
        undo = joining.undo if is_parting else changes.undo
        done = undo(found, now=timezone.now())
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        responses.add_message(request, _taken_back(done))
    return responses.back(request, reverse("support:conversation-list"))


def _tell(request: HttpRequest, done: Done, ids: list[int]) -> None:
    if not ids:
        responses.add_message(request, _("Tick at least one conversation first."))
    elif done.change is None:
        responses.add_message(request, _("Nothing was to be changed."))
    else:
        undo = reverse("support:change-undo", args=[done.change.pk])
        responses.add_message(request, _changed(done), undo)


def _changed(done: Done) -> str:
    said = ngettext(
        "%(count)d conversation changed.",
        "%(count)d conversations changed.",
        done.changed,
    ) % {"count": done.changed}
    if not done.refused:
        return said
    rest = ngettext(
        "%(count)d was closed already.", "%(count)d were closed already.", done.refused
    ) % {"count": done.refused}
    return f"{said} {rest}"


def _taken_back(done: Done) -> str:
    if not done.refused:
        return _("Taken back.")
    return ngettext(
        "Taken back, but for %(count)d that was changed since.",
        "Taken back, but for %(count)d that were changed since.",
        done.refused,
    ) % {"count": done.refused}


def _assign(request: HttpRequest, now: datetime) -> Act:
    typed = request.POST.get("colleague", "")
    colleague: User | None = None
    if typed:
        known = {str(one.pk): one for one in people.colleagues()}
        colleague = known.get(typed)
        if colleague is None:
            raise Http404
    return changes.assign(colleague, now)


def _tag(request: HttpRequest, now: datetime) -> Act:
    return changes.tag(request.POST.get("tag", ""), now)


def _untag(request: HttpRequest, now: datetime) -> Act:
    typed = request.POST.get("tag", "").strip()
    found = ConversationTag.objects.filter(name__iexact=typed).first()
    if found is None:
        raise Http404
    return changes.untag(found, now)


def _kind(request: HttpRequest, now: datetime) -> Act:
    word = request.POST.get("kind", "")
    if word and word not in set(ConversationKind):
        raise Http404
    return changes.classify(ConversationKind(word) if word else None, now)


def _close(request: HttpRequest, now: datetime) -> Act:
    return changes.close(staff_of(request), now, request.POST.get("outcome", ""))


def _snooze(request: HttpRequest, now: datetime) -> Act:
    return changes.snooze(snoozing.until(request, now), now)


def _spam(request: HttpRequest, now: datetime) -> Act:
    return changes.spam(staff_of(request), now)


_READERS: dict[str, Read] = {
    ChangeAction.ASSIGN.value: _assign,
    ChangeAction.TAG.value: _tag,
    ChangeAction.UNTAG.value: _untag,
    ChangeAction.KIND.value: _kind,
    ChangeAction.CLOSE.value: _close,
    ChangeAction.SNOOZE.value: _snooze,
    ChangeAction.SPAM.value: _spam,
}
