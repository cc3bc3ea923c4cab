"""Internal notes in a conversation."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.access import Capability, requires
from crm.staff import staff_of
from support.forms.writing import NoteForm
from support.models import Conversation
from support.services import notes
from web import responses


@require_POST
@requires(Capability.REPLY)
def note_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep an internal note."""
    conversation = get_object_or_404(Conversation, pk=pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        context = {"form": form, "conversation": conversation}
        return render(
            request,
            "support/note_create.html",
            context,
            status=responses.UNPROCESSABLE,
        )
    notes.add(
        conversation,
        words=form.cleaned_data["note"],
        author=staff_of(request),
        now=timezone.now(),
    )
    responses.add_message(request, _("Note kept. Customers never see it."))
    return responses.see_other(conversation.get_absolute_url())


@require_POST
@requires(Capability.SEE_CONVERSATIONS)
def notes_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """This person has read the notes in which they are asked for."""
    conversation = get_object_or_404(Conversation, pk=pk)
    notes.note_seen(conversation, user=staff_of(request), now=timezone.now())
    return responses.see_other(conversation.get_absolute_url())
