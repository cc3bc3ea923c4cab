"""What customers wrote, and the themes that comments are about."""

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

from crm import selectors as crm
from crm.access import Capability, requires
from crm.rules import dates
from crm.staff import staff_of
from surveys import selectors
from surveys.forms import ThemeForm, chosen_days
from surveys.models import Response, Theme
from surveys.selectors.confidence import Confidence, confidence_of
from surveys.services import themes
from surveys.views.parts import page_urls, survey_or_404, tab
from web import paging, responses
from web.error_messages import add_to_form
from web.errors import DomainError
from web.rules.numbers import whole_number


@requires(Capability.SEE_SURVEYS)
@require_safe
def survey_comments(request: HttpRequest, pk: int) -> HttpResponse:
    """The Comments tab: `q`, `theme`, and the days `from` and `to` narrow it."""
    found = survey_or_404(pk)
    query = request.GET.get("q", "")[:200]
    theme = _theme(request.GET.get("theme", ""))
    days = chosen_days(request.GET.get("from", ""), request.GET.get("to", ""))
    zone = dates.zone_of(crm.business().time_zone, "UTC")
    staff = staff_of(request)
    is_told = confidence_of(staff, found) is not Confidence.COUNTED
    comments = selectors.comments(
        found,
        lists_confidential=is_told,
        query=query,
        theme=theme,
        between=selectors.moments_of(*days, zone) if days else None,
        **paging.sides_of(request),
    )
    kept = {"q": query, "theme": str(theme.pk) if theme else ""}
    if days:
        kept |= {"from": days[0].isoformat(), "to": days[1].isoformat()}
    kept = {name: value for name, value in kept.items() if value}
    context = {
        "survey": found,
        "comments": comments,
        "query": query,
        "theme": theme,
        "themes": selectors.themes_in_use(),
        "days": days,
        "pages": page_urls(comments.page, [*kept.items()]),
        "leaves_out": not is_told,
        "sees_names": staff.can(Capability.SEE_NOTES),
        "sees_confidential": staff.can(Capability.SEE_CONFIDENTIAL),
        "now": timezone.now(),
        **tab(request, "comments"),
    }
    return render(request, "surveys/survey_comments.html", context)


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def answer_theme(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: `theme`, and `about`: "1" for yes, else no. By a person, and kept so."""
    answer = get_object_or_404(Response, pk=pk)
    theme = _theme(request.POST.get("theme", ""))
    if theme is not None:
        is_about = request.POST.get("about") == "1"
        themes.tag(answer, theme, is_about=is_about, now=timezone.now())
    page = reverse("surveys:survey-comments", args=[answer.survey_id])
    return responses.see_other(f"{page}#answer-{answer.pk}")


@requires(Capability.EDIT_AUTOMATIONS)
@require_safe
def theme_list(request: HttpRequest) -> HttpResponse:
    """All themes, also the archived ones."""
    context = {"themes": Theme.objects.order_by("archived_at", "name")}
    return render(request, "surveys/theme_list.html", context)


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def theme_start(request: HttpRequest) -> HttpResponse:
    """POST: the themes that come with Perennial, those whose names are free."""
    themes.make_starting_themes(now=timezone.now())
    responses.add_message(request, _("Comments are being read for these themes."))
    return responses.see_other(reverse("surveys:theme-list"))


@requires(Capability.EDIT_AUTOMATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def theme_create(request: HttpRequest) -> HttpResponse:
    """A new one."""
    return _edited(request, None)


@requires(Capability.EDIT_AUTOMATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def theme(request: HttpRequest, pk: int) -> HttpResponse:
    """Its name and words."""
    return _edited(request, get_object_or_404(Theme, pk=pk))


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def theme_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: `to=archived` or `to=used`."""
    found = get_object_or_404(Theme, pk=pk)
    archived = request.POST.get("to") == "archived"
    themes.archive_theme(found, archived=archived, now=timezone.now())
    responses.add_message(
        request, _("Archived. What it was found in is kept.") if archived else _("Used")
    )
    return responses.see_other(reverse("surveys:theme-list"))


def _edited(request: HttpRequest, found: Theme | None) -> HttpResponse:
    form = ThemeForm.of(found, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            _save(found, form)
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(
                request, _("Saved. Comments are being read for its words.")
            )
            return responses.see_other(reverse("surveys:theme-list"))
    status = responses.UNPROCESSABLE if form.errors else 200
    context = {"form": form, "theme": found}
    return render(request, "surveys/theme.html", context, status=status)


def _save(found: Theme | None, form: ThemeForm) -> None:
    values = form.cleaned_data
    name, keywords, now = values["name"], values["keywords"], timezone.now()
    if found is None:
        themes.make_theme(name=name, keywords=keywords, now=now)
    else:
        themes.edit_theme(
            found, version=values["version"], name=name, keywords=keywords, now=now
        )


def _theme(wanted: str) -> Theme | None:
    pk = whole_number(wanted)
    return Theme.objects.filter(pk=pk, archived_at=None).first() if pk else None
