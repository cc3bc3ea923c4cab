"""Links and QR codes to a survey: made, shown, printed, closed."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from crm import qr
from crm import selectors as crm
from crm.access import Capability, requires
from crm.rules import dates
from crm.staff import staff_of
from messaging.public_language import speaking, wanted_language
from surveys import question_words, selectors
from surveys.forms.links import ShareLinkForm
from surveys.models import ShareLink, Survey
from surveys.services import share_links
from surveys.services.versions import questionnaire_of
from surveys.views.parts import survey_or_404, tab
from web.errors import InvalidValue
from web.responses import add_message


@dataclass(frozen=True)
class Place:
    """One of the addresses of a link: with one value of each kind that it declares."""

    label: str
    address: str
    query: str


@requires(Capability.SEE_SURVEYS)
@require_safe
def survey_links(request: HttpRequest, pk: int) -> HttpResponse:
    """The Links tab: all links of a survey, and how many answered by each."""
    survey = survey_or_404(pk)
    context = {
        "survey": survey,
        "links": selectors.share_links(survey),
        "now": timezone.now(),
        **tab(request, "links"),
    }
    return render(request, "surveys/survey_links.html", context)


@requires(Capability.EDIT_AUTOMATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def link_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a link to a survey."""
    survey = survey_or_404(pk)
    form = ShareLinkForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _new_page(request, survey, form)
    try:
        link = share_links.make(
            survey,
            name=form.cleaned_data["name"],
            declared=form.cleaned_data["declared"],
            language=form.cleaned_data["language"],
            embed_origins=form.cleaned_data["embed_origins"],
            closes_at=_end_of(form),
            by=staff_of(request),
            now=timezone.now(),
        )
    except InvalidValue as error:
        form.refuse(error)
        return _new_page(request, survey, form)
    return redirect("surveys:link", pk=link.pk)


def _new_page(
    request: HttpRequest, survey: Survey, form: ShareLinkForm
) -> HttpResponse:
    context = {"survey": survey, "form": form, **tab(request, "links")}
    status = 422 if form.is_bound else 200
    return render(request, "surveys/link_new.html", context, status=status)


def _end_of(form: ShareLinkForm) -> datetime | None:
    """The end of the last day, where the shop is."""
    day = form.last_day()
    if day is None:
        return None
    zone = dates.zone_of(crm.business().time_zone, "UTC")
    return datetime.combine(day + timedelta(days=1), time(0), zone)


@requires(Capability.SEE_SURVEYS)
@require_safe
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """One link: its addresses, its squares, and what leads to it."""
    found = _link(pk)
    context = {
        "survey": found.survey,
        "link": found,
        "places": places_of(found),
        "takes_answers": selectors.takes_answers(found, timezone.now()),
        "languages": [code for code, _name in settings.LANGUAGES],
        "now": timezone.now(),
        **tab(request, "links"),
    }
    return render(request, "surveys/link.html", context)


@requires(Capability.SEE_SURVEYS)
@require_safe
def link_square(request: HttpRequest, pk: int) -> HttpResponse:
    """The QR code as SVG, for posters and cards of one's own."""
    place = _place(request, _link(pk))
    square = qr.square(place.address)
    context = {"square": square, "label": place.address}
    drawn = render(request, "surveys/square.svg", context, content_type="image/svg+xml")
    drawn["Content-Disposition"] = f'attachment; filename="survey-{pk}.svg"'
    return drawn


@requires(Capability.SEE_SURVEYS)
@require_safe
def link_print(request: HttpRequest, pk: int) -> HttpResponse:
    """A page to print: the question, the QR code and the address in letters."""
    found = _link(pk)
    language = wanted_language(request) or found.language or crm.business().language
    with speaking(language):
        place = _place(request, found)
        context = {
            "link": found,
            "shop": crm.business().name,
            "page_language": language,
            "title": _first_title(found),
            "place": place,
            "square": qr.square(place.address),
        }
        return render(request, "surveys/link_print.html", context)


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def link_close(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: no new answers by it."""
    found = _link(pk)
    share_links.close(found, now=timezone.now())
    undo = reverse("surveys:link-reopen", args=[pk])
    add_message(request, _("Closed. Who opens it reads that the survey is over."), undo)
    return redirect("surveys:link", pk=pk)


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def link_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: it takes answers again."""
    share_links.reopen(_link(pk), now=timezone.now())
    add_message(request, _("It takes answers again."))
    return redirect("surveys:link", pk=pk)


def places_of(found: ShareLink) -> list[Place]:
    """The plain address, and one for each value of each name."""
    said = [
        (name, value) for name, values in found.declared.items() for value in values
    ]
    return [
        _place_at(found, {}),
        *(_place_at(found, {name: value}) for name, value in said),
    ]


def _place(request: HttpRequest, found: ShareLink) -> Place:
    return _place_at(found, dict(selectors.declared_in(found, request.GET)))


def _place_at(found: ShareLink, declared: dict[str, str]) -> Place:
    home = crm.business().public_url.rstrip("/")
    path = reverse("surveys:share", args=[found.token])
    query = urlencode(declared)
    label = ", ".join(f"{name} {value}" for name, value in declared.items())
    address = f"{home}{path}?{query}" if query else f"{home}{path}"
    return Place(label=label, address=address, query=query)


def _first_title(found: ShareLink) -> str:
    """What its first question asks, or its name where nothing is published."""
    version_id = found.survey.live_version_id
    if version_id is None:
        return found.survey.name
    shop = crm.business()
    first = questionnaire_of(version_id).questions[0]
    return question_words.words_of(first, {"shop": shop.name}, shop.language).title


def _link(pk: int) -> ShareLink:
    # Postgres refuses what is no bigint; such a link does not exist either.
    known = ShareLink.objects.select_related("survey")
    return get_object_or_404(known, pk=min(pk, 2**63 - 1))
