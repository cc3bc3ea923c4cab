"""Put a step into words, see its mail as a customer would get it, and try it out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from csp.decorators import csp_replace
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST

from crm import people_search
from crm.access import Capability, requires
from crm.models import Customer
from crm.staff import staff_of
from messaging import kinds
from messaging.forms.automations import WordingForm
from messaging.models import AutomationStep, Message
from messaging.rules.pictures import MOST_BYTES
from messaging.rules.wording import check
from messaging.selectors import step_words as selectors
from messaging.selectors.automation_steps import unsaid_offer
from messaging.selectors.mail_frame import MAIL_FRAME
from messaging.services import pictures, trial_mails, wordings
from messaging.services.previews import next_people, preview
from messaging.views.automations import UNPROCESSABLE, found
from messaging.words import PICTURE, fields_of
from web.error_messages import add_to_form
from web.errors import DomainError
from web.responses import add_message, add_refusal, see_other
from web.rules.numbers import whole_number


@requires(Capability.EDIT_AUTOMATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def words(request: HttpRequest, pk: int, step: int, language: str) -> HttpResponse:
    """The words of one step in one language beside another. POST saves them; with
    `do=find` it only looks somebody up, and with `do=test` it sends a test as well."""
    row = found_step(pk, step)
    _known(row, language)
    kind = kinds.get(row.automation.kind)
    if request.method != "POST":
        saved = selectors.saved_words(row, language)
        form = WordingForm(kind, origin=row.origin, initial=saved)
        return _page(request, row, language, form)
    typed, refusal = _with_picture(request, row)
    form = WordingForm(kind, typed, origin=row.origin)
    if refusal:
        form.is_valid()
        add_to_form(form, refusal)
        return _page(request, row, language, form)
    if typed.get("do") == "find" or not form.is_valid():
        return _page(request, row, language, form)
    try:
        wordings.save_wording(
            row.automation,
            position=row.position,
            language=language,
            fields=form.texts,
            now=timezone.now(),
        )
    except DomainError as error:
        add_to_form(form, error)
        return _page(request, row, language, form)
    if typed.get("do") == "test":
        _send_test(request, row, [language])
    else:
        add_message(request, _("Wording saved."))
    return see_other(_url(row, language, request.POST))


@requires(Capability.SEE_AUTOMATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
@xframe_options_sameorigin
@csp_replace(MAIL_FRAME)  # type: ignore[arg-type] # typed for views without arguments
def words_preview(
    request: HttpRequest, pk: int, step: int, language: str
) -> HttpResponse:
    """The mail in a frame: as it is saved, or by POST with what is typed."""
    row = found_step(pk, step)
    _known(row, language)
    texts = selectors.saved_words(row, language)
    if request.method == "POST":
        texts = _typed(row, request.POST)
        if unknown := _unknown(row, texts):
            context = {"unknown": unknown}
            page = "messaging/preview_refused.html"
            return render(request, page, context, status=UNPROCESSABLE)
    asked = request.POST if request.method == "POST" else request.GET
    made = preview(
        row,
        language=language,
        fields=texts,
        customer=_person(request, asked),
        now=timezone.now(),
    )
    return HttpResponse(pictures.seen_here(made.mail.html))


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def send_test(request: HttpRequest, pk: int, step: int) -> HttpResponse:
    """POST: a test of the saved words in each language, to whoever asks for it."""
    row = found_step(pk, step)
    _send_test(request, row, [one.code for one in selectors.languages(row)])
    return see_other(reverse("messaging:automation", args=[pk]))


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def send_all_tests(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: a test of every step in each language, to whoever asks for them."""
    first = found_step(pk, 1)
    codes = [one.code for one in selectors.languages(first)]
    staff = staff_of(request)
    _tell(
        request,
        lambda: trial_mails.send_all(
            first.automation, to=staff, languages=codes, now=timezone.now()
        ),
    )
    return see_other(reverse("messaging:automation", args=[pk]))


def found_step(pk: int, position: int) -> AutomationStep:
    """A step of an automation of a kind that the code still knows; else 404."""
    steps = AutomationStep.objects.select_related("automation")
    return get_object_or_404(steps, automation=found(pk), position=position)


def _page(
    request: HttpRequest, row: AutomationStep, language: str, form: WordingForm
) -> HttpResponse:
    now, kind = timezone.now(), kinds.get(row.automation.kind)
    asked = request.POST if request.method == "POST" else request.GET
    person = _person(request, asked)
    beside = selectors.beside(row, language, asked.get("beside", ""))
    become = preview(row, language=language, fields={}, customer=person, now=now)
    may_see = staff_of(request).can(Capability.SEE_CUSTOMERS)
    typed = asked.get("find", "").strip()
    context = {
        "automation": row.automation,
        "kind": kind,
        "step": row,
        "steps": row.automation.steps.all(),
        "language": language,
        "languages": selectors.languages(row),
        "beside": beside,
        "rows": selectors.rows(
            form, row, language=language, beside=beside, become=become.words
        ),
        "person": person,
        "is_due": become.is_due,
        "may_see": may_see,
        "next_people": next_people(row.automation, now=now) if may_see else [],
        "looks_like_offer": unsaid_offer(row),
        "typed": typed,
        "people": people_search.find(typed, now=now) if may_see and typed else [],
        "form": form,
    }
    status = UNPROCESSABLE if form.errors and asked.get("do") != "find" else 200
    return render(request, "messaging/step_words.html", context, status=status)


def _known(row: AutomationStep, language: str) -> None:
    if language not in {one.code for one in selectors.languages(row)}:
        raise Http404


def _person(request: HttpRequest, asked: Mapping[str, Any]) -> Customer | None:
    """Whose mail is shown; None for the sample."""
    pk = whole_number(asked.get("person", ""))
    if not pk:
        return None
    if not staff_of(request).can(Capability.SEE_CUSTOMERS):
        raise PermissionDenied(Capability.SEE_CUSTOMERS.value)
    return Customer.objects.live().filter(pk=pk).first()


def _with_picture(
    request: HttpRequest, row: AutomationStep
) -> tuple[QueryDict, DomainError | None]:
    """What is typed, with the picture that is meant: the one of a file is kept at once,
    so that it need not be chosen again where a text is refused."""
    typed = request.POST.copy()
    typed[PICTURE] = _picture_named(row, request.POST)
    if file := request.FILES.get("picture_file"):
        try:
            made = pictures.put_up(
                file.read(MOST_BYTES + 1), by=staff_of(request), now=timezone.now()
            )
        except DomainError as error:
            return typed, error
        typed[PICTURE] = made.name
    return typed, None


def _picture_named(row: AutomationStep, posted: Mapping[str, Any]) -> str:
    """The name of the one that stays, is taken from the language beside, or of none."""
    if posted.get("picture_from") == "none":
        return ""
    if posted.get("picture_from") == "beside":
        beside = selectors.saved_words(row, posted.get("beside", ""))
        return beside.get(PICTURE, "")
    return str(posted.get(PICTURE, ""))


def _typed(row: AutomationStep, posted: Mapping[str, Any]) -> dict[str, str]:
    known = fields_of(kinds.get(row.automation.kind), row.origin)
    texts = {field.name: posted.get(field.name, "").strip() for field in known}
    texts[PICTURE] = _picture_named(row, posted)
    return {name: value for name, value in texts.items() if value}


def _unknown(row: AutomationStep, texts: Mapping[str, str]) -> list[str]:
    """Words in braces that their field does not have."""
    known = fields_of(kinds.get(row.automation.kind), row.origin)
    found = (check(texts.get(field.name, ""), field.placeholders) for field in known)
    return [f"{{{name}}}" for names in found for name in names]


def _send_test(request: HttpRequest, row: AutomationStep, languages: list[str]) -> None:
    staff, person = staff_of(request), _person(request, request.POST)
    _tell(
        request,
        lambda: trial_mails.send(
            row, to=staff, languages=languages, customer=person, now=timezone.now()
        ),
    )


def _tell(request: HttpRequest, send: Callable[[], Sequence[Message]]) -> None:
    """Send tests, and say how many are on their way, or why none is."""
    try:
        sent = send()
    except DomainError as error:
        add_refusal(request, error)
        return
    text = ngettext(
        "Saved. A test is on its way to %(address)s.",
        "%(n)s tests are on their way to %(address)s.",
        len(sent),
    )
    address = staff_of(request).email
    add_message(request, text % {"n": len(sent), "address": address})


def _url(row: AutomationStep, language: str, asked: Mapping[str, Any]) -> str:
    page = reverse(
        "messaging:automation-words", args=[row.automation_id, row.position, language]
    )
    person, beside = asked.get("person", ""), asked.get("beside", "")
    return f"{page}?person={whole_number(person) or ''}&beside={beside}"
