"""One question: its words in each language, its choices, and where answers lead."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.access import Capability, requires
from surveys import editor_words
from surveys.forms import editor as form
from surveys.models import Survey
from surveys.question_problems import sentence
from surveys.rules import questionnaire as q
from surveys.rules.questionnaire import Question
from surveys.selectors.editor import Editor, editor
from surveys.views.editor import changed
from surveys.views.parts import survey_or_404, tab
from web.error_messages import for_field
from web.responses import UNPROCESSABLE

THANKS_LONGEST = 600


@requires(Capability.EDIT_AUTOMATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, pk: int, at: str) -> HttpResponse:
    """POST keeps it in the draft; later problems are shown beside it."""
    found = survey_or_404(pk)
    shown = editor(found)
    one = shown.questionnaire.question(at)
    if one is None:
        raise Http404
    if request.method != "POST":
        return _page(request, found, shown, one, {})
    read, wrong = form.read(one, request.POST, shown.languages)
    if wrong:
        return _page(request, found, shown, read, wrong)
    said = _("The question is saved.")
    return changed(request, found, lambda whole: q.replaced(whole, read), said)


def _page(
    request: HttpRequest,
    found: Survey,
    shown: Editor,
    one: Question,
    wrong: dict[str, str],
) -> HttpResponse:
    languages = shown.languages
    context = {
        "survey": found,
        "editor": shown,
        "question": one,
        "title": editor_words.title_of(one, shown.shop_language),
        "kind": editor_words.kind_of(one),
        "words": form.words_rows(one, languages),
        "is_fixed": one.scale is q.Scale.NPS,
        "has_standard_words": one.has_standard_words,
        "choices": form.choice_rows(one, languages),
        "has_choices": one.kind in q.WITH_CHOICES,
        "branches": form.branch_rows(one),
        "conditions": form.conditions(one, shown.shop_language),
        "places": _places(shown, one),
        "looks": form.looks(one),
        "facts": q.FACTS,
        "problems": [
            sentence(each) for each in shown.problems if each.question == one.key
        ],
        "wrong": [(name, for_field(name, code)) for name, code in wrong.items()],
        **tab(request, "questions"),
    }
    status = UNPROCESSABLE if wrong else 200
    return render(request, "surveys/survey_question.html", context, status=status)


def _places(shown: Editor, one: Question) -> list[tuple[str, str]]:
    """Where a branch may lead: to later questions, and to the end."""
    later = shown.questionnaire.questions[shown.questionnaire.place(one.key) + 1 :]
    titles = [
        (each.key, editor_words.title_of(each, shown.shop_language)) for each in later
    ]
    return [("", _("Choose")), *titles, (q.END, _("the end"))]


@requires(Capability.EDIT_AUTOMATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def thanks(request: HttpRequest, pk: int) -> HttpResponse:
    """The closing words, by the band of the score; empty: our own words."""
    found = survey_or_404(pk)
    shown = editor(found)
    bands = ["", *(band.value for band in q.ScoreBand)]
    if not shown.questionnaire.lead:
        bands = [""]
    if request.method == "POST":
        texts = {
            band: {
                language: words
                for language in shown.languages
                if (words := _thanks_sent(request, band, language))
            }
            for band in bands
        }
        return changed(
            request, found, lambda whole: q.thanking(whole, texts), _("Saved.")
        )
    said = shown.questionnaire.thanks
    context = {
        "survey": found,
        "editor": shown,
        "rows": [
            {
                "band": band,
                "label": _band_label(band),
                "fields": [
                    (language, said.get(band, {}).get(language, ""))
                    for language in shown.languages
                ],
            }
            for band in bands
        ],
        **tab(request, "questions"),
    }
    return render(request, "surveys/survey_thanks.html", context)


def _thanks_sent(request: HttpRequest, band: str, language: str) -> str:
    typed = request.POST.get(f"thanks.{band}.{language}", "")
    return " ".join(typed.replace("\x00", "").split())[:THANKS_LONGEST]


def _band_label(band: str) -> str:
    if not band:
        return _("To everybody else")
    said = editor_words.BAND_WORDS[q.ScoreBand(band)]
    return _("After a score that is %(band)s") % {"band": said}
