"""The page behind a reminder's link: enough for now, later, not this, or none at all.

GET shows how things stand, POST acts and leads back to it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from crm import selectors as crm
from crm.access import public
from crm.errors import CustomerGone
from crm.services import audit
from loyalty import suggestion_page, words
from loyalty.errors import NotListed
from loyalty.selectors import reorders as selectors
from loyalty.selectors.reorders import OPEN, Item, Refusals, Standing
from loyalty.services import reorder_choices
from loyalty.services.reorder_choices import WAITS
from messaging.errors import LinkGone
from messaging.models import Message
from messaging.public_forms import link_gone, token_page
from messaging.public_language import page_language, speaking
from messaging.rules.choices import Purpose
from messaging.services import links
from web import formats
from web.errors import InvalidValue
from web.rules.numbers import whole_number

# In the address, beside the ids of products: what was done concerns all of them.
ALL = "all"
# All that they put off, each until its own day.
ENOUGH = "enough"
_KINDS = (selectors.KIND, *suggestion_page.KINDS)


@dataclass(frozen=True)
class Opened:
    """The mail that the link stood in, and in which language its page is."""

    message: Message
    language: str
    now: datetime

    @property
    def today(self) -> date:
        return reorder_choices.today_of(self.message.person, now=self.now)

    @property
    def actor(self) -> audit.Actor:
        return audit.customer(self.message.person_id)


@dataclass(frozen=True)
class Row:
    """One product as the page shows it; `undo` names the action that takes it back."""

    item: Item
    holds: str
    undo: str = ""
    reason: str = ""


@public
@token_page
@require_http_methods(["GET", "HEAD", "POST"])
def reminder(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind a reorder reminder: GET shows it, POST records a choice."""
    try:
        opened = _open(request, token, timezone.now())
        with speaking(opened.language), audit.acting(opened.actor):
            if opened.message.kind in suggestion_page.KINDS:
                return _suggestion(request, opened)
            if request.method == "POST":
                return _act(request, opened)
            return _show(request, opened)
    except (LinkGone, NotListed, CustomerGone):
        return link_gone(request)


def _open(request: HttpRequest, token: str, now: datetime) -> Opened:
    link = links.open_link(token, purpose=Purpose.REORDER, now=now)
    message = (
        Message.objects.select_related("customer")
        .filter(pk=link.subject_id, customer=link.customer_id, kind__in=_KINDS)
        .first()
    )
    if message is None:
        raise LinkGone
    return Opened(message, page_language(request, message.customer), now)


def _suggestion(request: HttpRequest, opened: Opened) -> HttpResponse:
    is_post = request.method == "POST"
    if is_post and suggestion_page.act(request, opened.message, opened.now):
        return _back(request, "")
    return suggestion_page.show(
        request,
        opened.message,
        language=opened.language,
        preferences_url=_preferences(opened),
        is_unknown=is_post,
    )


# --- Acting --------------------------------------------------------------------------


def _act(request: HttpRequest, opened: Opened) -> HttpResponse:
    action = _ACTIONS.get(request.POST.get("action", ""))
    try:
        if action is None:
            raise InvalidValue(fields={"action": "unknown"})
        about = action(opened, request.POST)
    except InvalidValue:
        return _show(request, opened, is_unknown=True)
    return _back(request, about)


def _later(opened: Opened, posted: Mapping[str, str]) -> str:
    product_id = _product(posted)
    reorder_choices.put_off(
        opened.message,
        product_id=product_id,
        days=_number(posted, "days"),
        now=opened.now,
    )
    return str(product_id)


def _not_later(opened: Opened, posted: Mapping[str, str]) -> str:
    product_id = _product(posted)
    reorder_choices.keep_day(opened.message, product_id=product_id, now=opened.now)
    return str(product_id)


def _enough(opened: Opened, posted: Mapping[str, str]) -> str:
    reorder_choices.have_enough(opened.message, now=opened.now)
    return ENOUGH


def _not_enough(opened: Opened, posted: Mapping[str, str]) -> str:
    reorder_choices.keep_all_days(opened.message, now=opened.now)
    return ENOUGH


def _refuse(opened: Opened, posted: Mapping[str, str]) -> str:
    product_id = _product(posted)
    reorder_choices.refuse_product(
        opened.message, product_id=product_id, now=opened.now
    )
    return str(product_id)


def _allow(opened: Opened, posted: Mapping[str, str]) -> str:
    product_id = _product(posted)
    reorder_choices.allow_again(opened.message, product_id=product_id, now=opened.now)
    return str(product_id)


def _refuse_all(opened: Opened, posted: Mapping[str, str]) -> str:
    reorder_choices.refuse_all(opened.message, now=opened.now)
    return ALL


def _allow_all(opened: Opened, posted: Mapping[str, str]) -> str:
    reorder_choices.allow_again(opened.message, product_id=None, now=opened.now)
    return ALL


_ACTIONS: dict[str, Callable[[Opened, Mapping[str, str]], str]] = {
    "enough": _enough,
    "not-enough": _not_enough,
    "later": _later,
    "not-later": _not_later,
    "refuse": _refuse,
    "allow": _allow,
    "refuse-all": _refuse_all,
    "allow-all": _allow_all,
}


def _product(posted: Mapping[str, str]) -> int:
    return _number(posted, "product")


def _number(values: Mapping[str, str], name: str) -> int:
    """Only what our own buttons send."""
    number = whole_number(values.get(name, ""))
    if number is None:
        raise InvalidValue(fields={name: "not_a_number"})
    return number


def _back(request: HttpRequest, about: str) -> HttpResponse:
    """After a POST the page is fetched again, so that a refresh repeats nothing."""
    query = {"about": about}
    language = request.GET.get("lang", "")
    if language and language == page_language(request, None):
        query["lang"] = language
    return HttpResponseRedirect(f"{request.path}?{urlencode(query)}")


# --- Showing -------------------------------------------------------------------------


def _show(
    request: HttpRequest, opened: Opened, *, is_unknown: bool = False
) -> HttpResponse:
    refused = selectors.refusals(opened.message.person_id)
    listed = selectors.listed(opened.message, today=opened.today)
    rows = [_row(item, refused) for item in listed]
    about = request.GET.get("about", "")
    # The address only names the items; their state is read from the table.
    done = next((row for row in rows if _is_about(row, about)), None)
    waiting = [row for row in rows if about == ENOUGH and row.undo == "not-later"]
    context = {
        "rows": [row for row in rows if row is not done and row not in waiting],
        "done": done,
        "waiting": waiting,
        "may_have_enough": any(row.reason for row in rows),
        "is_all_refused": refused.is_all,
        "is_done": about == ALL,
        "is_unknown": is_unknown,
        "waits": [(days, words.weeks(days // 7)) for days in WAITS],
        "language": opened.language,
        "page_language": opened.language,
        "shop": crm.business().name,
        "preferences_url": _preferences(opened),
        "customer_id": opened.message.person_id,
    }
    status = 422 if is_unknown else 200
    return render(request, "loyalty/reminder.html", context, status=status)


def _is_about(row: Row, about: str) -> bool:
    return bool(row.undo) and str(row.item.product_id) == about


def _preferences(opened: Opened) -> str:
    token = links.preference_token(opened.message.person_id)
    return f"/p/{token}/?lang={opened.language}"


def _row(item: Item, refused: Refusals) -> Row:
    if item.product_id in refused.products:
        return Row(item, words.holds(Standing.REFUSED), undo="allow")
    if item.standing is Standing.PUT_OFF and item.again_on:
        day = formats.full_day(item.again_on)
        return Row(item, words.holds(Standing.PUT_OFF, day), undo="not-later")
    if item.standing in OPEN:
        return Row(item, "", reason=words.reason(item))
    return Row(item, words.holds(item.standing))
