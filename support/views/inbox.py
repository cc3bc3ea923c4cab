"""Conversations: the lists and one of them."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from crm.request_context import request_context
from crm.staff import staff_of
from support.forms.beside import ContactForm
from support.forms.writing import NoteForm
from support.models import Conversation
from support.selectors import beside, frames, lists, searching, sent_on
from support.selectors import conversations as selectors
from support.selectors.around import around
from support.selectors.lists import Filters, Tab
from support.services import finding, notices
from support.words import KINDS
from web import paging
from web.rules.numbers import whole_number

TABS = (
    (Tab.MINE, gettext_lazy("Mine")),
    (Tab.UNASSIGNED, gettext_lazy("Unassigned")),
    (Tab.WAITING, gettext_lazy("Waiting for them")),
    (Tab.SNOOZED, gettext_lazy("Snoozed")),
    (Tab.CLOSED, gettext_lazy("Closed")),
)
LIKELY = {
    "address": gettext_lazy("has this address"),
    "order": gettext_lazy("the mail names an order of theirs"),
    "name": gettext_lazy("has this name"),
    "company": gettext_lazy("belongs to the company of this domain"),
}


@requires(Capability.SEE_CONVERSATIONS)
@require_safe
def conversation_list(request: HttpRequest) -> HttpResponse:
    """One tab, newest mail first; a page by the last row seen."""
    word = request.GET.get("tab", "")
    tab = Tab(word) if word in set(Tab) else Tab.MINE
    staff, filters = staff_of(request), Filters.of(request.GET.dict())
    now = timezone.now()
    typed = request.GET.get("q", "").strip()
    sides = paging.sides_of(request)
    if typed:
        found = searching.found(typed)
        page = lists.found_page(found, filters, **sides)
    else:
        page = lists.tab_page(tab, user=staff, filters=filters, **sides)
    choices = lists.around(staff, now)
    # Beside a narrowed list they would be of another.
    counts = {} if filters.query else choices.counts
    context = {
        "tab": tab.value,
        "tabs": [
            (name.value, label, _told(counts.get(name.value, 0)))
            for name, label in TABS
        ],
        "narrowed": filters.query,
        "page": page,
        "filters": filters,
        "typed": typed,
        "choices": choices,
        "kinds": KINDS,
        "languages": settings.LANGUAGES,
        "may_change_settings": staff.can(Capability.CHANGE_SETTINGS),
        "may_reply": staff.can(Capability.REPLY),
        "now": now,
    }
    return render(request, "support/conversation_list.html", context)


def _told(count: int) -> str:
    """A count as it stands in a tab; none: nothing."""
    if count > lists.MOST_COUNTED:
        return f"{lists.MOST_COUNTED}+"
    return str(count) if count else ""


@requires(Capability.SEE_CONVERSATIONS)
@require_safe
def conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """One conversation, oldest mail first, with who it is beside it."""
    rows = Conversation.objects.select_related("customer", "assignee", "mailbox")
    found = get_object_or_404(rows, pk=pk)
    if found.joined_into is not None:
        return redirect(finding.lead_on(found))
    now, staff = timezone.now(), staff_of(request)
    # Looking is all that "opened" means; nothing else hangs on it.
    notices.opened(found, staff)
    mails = selectors.shown_mails(found, now=now)
    context = {
        "conversation": found,
        "thread": beside.thread(found, mails),
        "beside": beside.beside(request_context(request), found),
        "as_html": _shown_as_html(request),
        "with_pictures": {
            one.mail.pk for one in mails if frames.has_remote_pictures(one.mail)
        },
        "pictures": request.GET.get("pictures") == "1",
        "likely": _likely(found),
        "others": selectors.others_of(found),
        "sent_on": sent_on.first_of([one.mail for one in mails]),
        "orders": selectors.last_orders(found),
        "tags": list(found.tags.order_by("name")),
        "all_tags": lists.tags(),
        "kinds": KINDS,
        "may_reply": staff.can(Capability.REPLY),
        "is_blocked": found.is_spam and selectors.is_blocked(found),
        "is_mine": found.assignee_id == staff.pk,
        "around": around(found, user=staff, now=now),
        "note_form": NoteForm(),
        "contact_form": ContactForm(),
        "may_log": staff.can(Capability.LOG_CONTACT),
        "now": now,
    }
    return render(request, "support/conversation.html", context)


def _shown_as_html(request: HttpRequest) -> int:
    """The mail that is shown as it came; 0: none."""
    return whole_number(request.GET.get("html", "")) or 0


def _likely(found: Conversation) -> list[tuple[selectors.Likely, object]]:
    if found.customer_id is not None:
        return []
    return [(one, LIKELY[one.why]) for one in selectors.likely_people(found)]
