"""The steps of a file on its way in: how it is read, what it means, a trial, and in."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from crm.access import Capability, requires
from crm.forms.import_columns import ColumnsForm
from crm.forms.imports import KindForm, ReadingForm
from crm.models import ImportDraft
from crm.rules.choices import ImportState
from crm.services.imports import drafts, presets
from crm.services.imports.as_read import AsRead, Cell
from crm.services.imports.guessing import Certainty, Guess, Why
from crm.services.imports.shown import Shown
from crm.staff import staff_of
from crm.views.import_readings import as_read, header_of, told_of
from crm.views.import_runs import told
from web import responses
from web.error_messages import add_to_form, for_error
from web.errors import DomainError

_TONES = {
    Certainty.SURE: ("good", gettext_lazy("Sure")),
    Certainty.LIKELY: ("info", gettext_lazy("Likely")),
    Certainty.UNSURE: ("warn", gettext_lazy("Look at it")),
}
_WHY = {
    Why.PRESET: gettext_lazy("so it is in such files"),
    Why.REMEMBERED: gettext_lazy("as you said the last time"),
    Why.NAME_AND_CONTENTS: gettext_lazy("by its name and what stands in it"),
    Why.NAME: gettext_lazy("by its name"),
    Why.EMPTY: gettext_lazy("by its name; nothing stands in it"),
    Why.DOUBTFUL: gettext_lazy("by its name, but much in it does not look like it"),
    Why.CONTENTS: gettext_lazy("by what stands in it, not by its name"),
}


@dataclass(frozen=True)
class ColumnRow:
    """One column of the file as its row of the table shows it."""

    header: str
    examples: list[Cell]
    field: Any
    tone: str = ""
    certainty: Any = ""
    why: Any = ""


# --- What we read --------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.IMPORT_DATA)
def import_reading(request: HttpRequest, pk: int) -> HttpResponse:
    """Step one: how the file is read. POST keeps the answers and goes on."""
    draft = _draft(pk)
    if draft.run_id:
        return _over(draft)
    shown = drafts.shown_of(draft)
    form = ReadingForm(request.POST or None, shown=shown, options=draft.options)
    if form.is_valid():
        try:
            drafts.read_as(draft, form.options, now=timezone.now())
        except DomainError as error:
            form.add_error(None, str(for_error(error)))
        else:
            next_page = "draft" if "go_on" in request.POST else "reading"
            return responses.see_other(reverse(f"crm:import-{next_page}", args=[pk]))
    read = as_read(draft, shown)
    context = {
        "form": form,
        "draft": draft,
        "shown": shown,
        "header": header_of(draft, shown, read),
        "rows": read.rows(shown.header, shown.rows[:10]),
        "here": "reading",
    }
    status = responses.UNPROCESSABLE if form.errors else 200
    return render(request, "crm/import_reading.html", context, status=status)


# --- What the columns mean -----------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.IMPORT_DATA)
def import_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Step two: what each column means. POST keeps the answers and goes on."""
    draft = _draft(pk)
    if draft.run_id:
        return _over(draft)
    told = told_of(draft, request.POST)
    form = ColumnsForm(request.POST or None, told=told)
    if form.is_valid():
        now = timezone.now()
        drafts.choose(draft, form.options, now=now)
        if not form.has_unasked:
            return _tried(request, draft, form)
        # A column of such words was chosen: what they mean is to be chosen first.
        form = ColumnsForm(None, told=told_of(draft, None))
    return _columns_page(request, draft, form)


def _tried(request: HttpRequest, draft: ImportDraft, form: ColumnsForm) -> HttpResponse:
    try:
        drafts.try_out(draft, by=staff_of(request), now=timezone.now())
    except DomainError as error:
        add_to_form(form, error)
        return _columns_page(request, draft, form)
    return responses.see_other(reverse("crm:import-trial", args=[draft.pk]))


def _columns_page(
    request: HttpRequest, draft: ImportDraft, form: ColumnsForm
) -> HttpResponse:
    shown = drafts.shown_of(draft)
    preset = presets.BY_NAME.get(draft.preset)
    context = {
        "form": form,
        "draft": draft,
        "shown": shown,
        "preset": preset.label if preset else "",
        "kind_form": KindForm(initial={"kind": draft.kind}),
        "rows": _rows(
            form,
            shown,
            drafts.guesses_of(draft, shown),
            as_read(draft, shown, form),
        ),
        "here": "columns",
    }
    status = responses.UNPROCESSABLE if form.errors else 200
    return render(request, "crm/import_columns.html", context, status=status)


@require_POST
@requires(Capability.IMPORT_DATA)
def import_kind(request: HttpRequest, pk: int) -> HttpResponse:
    """It holds something else than was thought."""
    draft = _draft(pk)
    form = KindForm(request.POST)
    if form.is_valid() and not draft.run_id:
        drafts.take_for_kind(draft, form.cleaned_data["kind"], now=timezone.now())
    return responses.see_other(reverse("crm:import-draft", args=[pk]))


def _rows(
    form: ColumnsForm, shown: Shown, guesses: dict[int, Guess], read: AsRead
) -> list[ColumnRow]:
    rows = []
    countries = read.countries(shown.header, shown.rows)
    for at, field in enumerate(form.columns):
        guess = guesses.get(at)
        name = field.value() or ""
        examples = [
            read.cell(name, text, countries[row])
            for row, text in shown.examples(at).items()
        ]
        row = ColumnRow(shown.header[at], examples, field)
        if guess is not None and field.value() == guess.field:
            tone, certainty = _TONES[guess.certainty]
            why = _WHY[guess.why]
            row = ColumnRow(row.header, row.examples, field, tone, certainty, why)
        rows.append(row)
    return rows


# --- A trial, and in -----------------------------------------------------------------


@require_safe
@requires(Capability.IMPORT_DATA)
def import_trial(request: HttpRequest, pk: int) -> HttpResponse:
    """What would come of it. It is asked for again while it is under way."""
    draft = _draft(pk)
    if draft.run_id:
        return _over(draft)
    context = {"draft": draft, "here": "trial", "now": timezone.now()}
    if draft.trial is not None:
        is_whole = draft.trial.state == ImportState.DONE.value
        context |= {**told(draft.trial), "may_go_on": is_whole}
    return render(request, "crm/import_trial.html", context)


@require_POST
@requires(Capability.IMPORT_DATA)
def import_start(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: start the run of this draft, and go to its page."""
    draft = _draft(pk)
    try:
        run = drafts.bring_in(draft, by=staff_of(request), now=timezone.now())
    except DomainError as error:
        responses.add_refusal(request, error)
        return responses.see_other(reverse("crm:import-draft", args=[pk]))
    return responses.see_other(reverse("crm:import-run", args=[run.pk]))


@require_POST
@requires(Capability.IMPORT_DATA)
def import_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: throw the file away, unless its run has been started."""
    draft = _draft(pk)
    if not draft.run_id:
        drafts.discard(draft, now=timezone.now())
        responses.add_message(request, _("The file was thrown away. Nothing came in."))
    return responses.see_other(reverse("crm:import-list"))


def _over(draft: ImportDraft) -> HttpResponse:
    """It is brought in: what came of it is on the page of the run."""
    return responses.see_other(reverse("crm:import-run", args=[draft.run_id]))


def _draft(pk: int) -> ImportDraft:
    drafts_with_all = ImportDraft.objects.select_related(
        "file", "created_by", "trial__job"
    )
    return get_object_or_404(drafts_with_all, pk=pk)
