"""Send on: a mail, or a conversation with what is chosen of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import Capability, requires
from crm.staff import staff_of
from support.models import Conversation, Mail, MailFile
from support.selectors import threads
from support.services import forwarding
from web import responses
from web.error_messages import for_error
from web.errors import DomainError
from web.rules.numbers import whole_number


@require_POST
@requires(Capability.REPLY)
def forward(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin to send a mail on."""
    mail = get_object_or_404(Mail.objects.select_related("conversation"), pk=pk)
    draft = forwarding.begin(mail, author=staff_of(request), now=timezone.now())
    return responses.see_other(draft.get_absolute_url())


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.REPLY)
def forward_all(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose which mails of a conversation go, and which of their files; a POST begins
    the draft. Who has begun it already is led there."""
    found = get_object_or_404(Conversation, pk=pk, joined_into=None)
    staff = staff_of(request)
    begun = forwarding.begun_of_all(found, staff)
    if begun is not None:
        return responses.see_other(begun.get_absolute_url())
    if request.method != "POST":
        return _shown(request, found)
    try:
        draft = forwarding.begin_of_all(
            found,
            mails=_ids(request, "mails"),
            files=_ids(request, "files"),
            author=staff,
            now=timezone.now(),
        )
    except DomainError as error:
        return _shown(request, found, error)
    return responses.see_other(draft.get_absolute_url())


def _shown(
    request: HttpRequest, found: Conversation, error: DomainError | None = None
) -> HttpResponse:
    mails = threads.all_mails(found)
    once = {file.pk for file in forwarding.files_of(mails)}
    context = {
        "conversation": found,
        "rows": [(mail, _with_boxes(mail, once)) for mail in mails],
        "mails": _ids(request, "mails") if error else {mail.pk for mail in mails},
        "files": _ids(request, "files") if error else once,
        "refusal": for_error(error) if error else "",
        "now": timezone.now(),
    }
    status = responses.UNPROCESSABLE if error else 200
    return render(request, "support/conversation_forward.html", context, status=status)


def _with_boxes(mail: Mail, once: set[int]) -> list[MailFile]:
    return [file for file in mail.files.all() if file.pk in once]


def _ids(request: HttpRequest, name: str) -> set[int]:
    return {pk for one in request.POST.getlist(name) if (pk := whole_number(one))}
