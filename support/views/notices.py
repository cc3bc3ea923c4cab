"""What a colleague is told of, and what the open pages of their browser ask for."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from crm.access import Capability, asked_by_itself, requires
from crm.staff import staff_of
from support.forms.notices import NoticesForm
from support.models import Mailbox
from support.selectors import notices as selectors
from support.services import notices
from web import responses
from web.rules.numbers import whole_number


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.SEE_CONVERSATIONS)
def choices(request: HttpRequest) -> HttpResponse:
    """Choose, for each event, a mail or a notice of the browser; in general, or for one
    mailbox by itself."""
    staff = staff_of(request)
    mailbox = _mailbox(request.GET.get("mailbox", ""))
    is_own = mailbox is not None and notices.has_own(staff, mailbox)
    data = request.POST if request.method == "POST" else None
    form = NoticesForm(data, chosen=notices.chosen(staff, mailbox if is_own else None))
    if data is not None and mailbox is not None and "as_everywhere" in data:
        notices.choose_as_everywhere(staff, mailbox, now=timezone.now())
    elif form.is_valid():
        notices.choose(staff, form.wanted, mailbox=mailbox, now=timezone.now())
    else:
        context = {
            "form": form,
            "mailbox": mailbox,
            "is_own": is_own,
            "mailboxes": Mailbox.objects.order_by("name", "pk"),
        }
        return render(request, "support/notices.html", context)
    responses.add_message(request, _("Saved."))
    return responses.see_other(request.get_full_path())


def _mailbox(named: str) -> Mailbox | None:
    """The one of an address; None: all of them."""
    return get_object_or_404(Mailbox, pk=whole_number(named) or 0) if named else None


@never_cache
@require_safe
@asked_by_itself
@requires(Capability.SEE_CONVERSATIONS)
def new(request: HttpRequest) -> HttpResponse:
    """What came after the notice `after` for this colleague’s browsers, as JSON."""
    after = whole_number(request.GET.get("after", "")) or 0
    found = selectors.new_in_browser(staff_of(request), after=after)
    rows = [
        {
            "id": row.pk,
            "title": row.what,
            "body": row.subject or row.who,
            "tag": f"conversation-{row.conversation_id}",
            "url": row.path,
        }
        for row in found
    ]
    return JsonResponse({"notices": rows})
