"""Past answers of a file: kept once, of whom they are, and never of another scale."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.forms.import_kind_rules import for_kind
from crm.models import ImportRun
from crm.services import jobs
from crm.services.imports import undoing
from crm.services.imports.reasons import in_words, note_in_words
from crm.services.imports.runner import import_file
from crm.services.imports.running import Options
from surveys.choices import LeftOut
from surveys.models import Response, Survey, Theme
from surveys.selectors import apart, results
from surveys.services import cells, leaving_out, themes
from surveys.services.answer_import import PAST_ANSWERS
from tests.crm.exporting import content
from tests.crm.importing import NOW, counts, file_of, refusals
from tests.factories import CustomerFactory, UserFactory

HEAD = "respondent,customer_id,survey,date,score,scale,comment,language\n"


@pytest.fixture
def dana(shop):
    return CustomerFactory(external_id="C1", country="IL")


def take(folder, text, **options):
    return import_file(
        PAST_ANSWERS,
        file_of(folder, HEAD + text),
        Options(**options),
        now=NOW,
        progress=lambda done, total: None,
    )


def test_an_answer_stands_in_its_survey_and_with_its_customer(dana, tmp_path):
    report = take(
        tmp_path,
        "1,C1,Spring,2024-03-05 14:30,10,0-10,Good,he\n2,,Spring,2024-03-06,0,,,\n",
    )

    assert counts(report) == (2, 0, 0)
    known, nobody = Response.objects.order_by("confirmed_at")
    survey = Survey.objects.get(name="Spring")
    assert (survey.kind, survey.state) == ("nps", "closed")
    assert (known.survey, known.customer, known.score) == (survey, dana, 10)
    assert (known.channel, known.scale, known.country) == ("import", "nps", "IL")
    assert (known.comment, known.language) == ("Good", "he")
    assert known.confirmed_at == datetime(2024, 3, 5, 14, 30, tzinfo=UTC)
    assert (nobody.customer, nobody.score, nobody.state) == (None, 0, "confirmed")
    assert ImportRun.objects.get(kind="past_answers").created == 2


def test_the_same_file_again_brings_nothing_and_a_dry_run_writes_nothing(
    dana, tmp_path
):
    rows = ",C1,Spring,2024-03-05,10,,Good,\n7,,,2024-03-05,8,,,\n"
    dry = take(tmp_path, rows, dry_run=True)
    assert (dry.created, Response.objects.count()) == (2, 0)
    assert not Survey.objects.filter(name="Spring").exists()
    take(tmp_path, rows)

    again = take(tmp_path, "8,,,2024-03-07,3,,,\n" + rows)

    assert counts(again) == (1, 0, 2)
    assert Response.objects.count() == 3
    assert Survey.objects.get(name="Past answers").kind == "nps"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("1,,,2024-03-05,,,,", "score_missing"),
        ("1,,,2024-03-05,11,,,", "score_unknown"),
        ("1,,,2024-03-05,7.5,,,", "score_unknown"),
        ("1,,,2024-03-05,9,1-5,,", "scale_other"),
        ("1,,,2024-03-05,0,1-10,,", "score_unknown"),
        ("1,,,,9,,,", "answered_at_missing"),
        (",,,2024-03-05,9,,,", "answer_unnamed"),
        ("1,C9,,2024-03-05,9,,,", "customer_unknown"),
        ("1,,Visits,2024-03-05,9,,,", "survey_of_other_kind"),
    ],
)
def test_what_is_no_answer_of_a_known_scale_stays_out(dana, tmp_path, row, code):
    Survey.objects.create(name="Visits", kind="csat")

    report = take(tmp_path, f"{row}\n")

    assert refusals(report) == {code: 1}
    assert in_words(code)
    assert not Response.objects.exists()


def test_many_answers_without_a_zero_are_flagged(dana, tmp_path):
    rows = "".join(f"{at},,Old,2024-03-05,{1 + at % 10},,,\n" for at in range(120))

    report = take(tmp_path, rows, dry_run=True)

    assert report.notes["may_be_1_to_10"] == 120
    assert report.notes.examples["may_be_1_to_10"] == ["Old"]
    assert "from 1 to 10" in note_in_words("may_be_1_to_10")
    with_zero = take(tmp_path, rows + "x,,Old,2024-03-05,0,,,\n", dry_run=True)
    assert "may_be_1_to_10" not in with_zero.notes


def test_they_count_as_others_do(dana, tmp_path):
    cells.keep_up(now=NOW)
    take(tmp_path, "".join(f"{at},,Old,2026-11-20,9,,,\n" for at in range(12)))

    survey = Survey.objects.get(name="Old")

    assert results(survey, now=NOW).result.n == 12


def test_answers_from_1_to_10_stand_apart_and_are_in_no_figure(dana, tmp_path, client):
    take(tmp_path, "".join(f"a{at},,Old,2026-11-20,9,,,\n" for at in range(12)))
    tens = "".join(f"{at},,Old,2026-11-20,{8 + at % 3},,Ten,\n" for at in range(40))
    report = take(tmp_path, tens, defaults={"scale": "1-10"})
    assert counts(report) == (40, 0, 0)
    assert "may_be_1_to_10" not in report.notes
    cells.keep_up(now=NOW)
    survey = Survey.objects.get(name="Old")
    client.force_login(UserFactory(role="owner"))

    assert results(survey, now=NOW).result.n == 12
    beside = apart(survey, now=NOW)
    assert (beside.n, round(beside.exact, 3)) == (40, 8.975)
    page = client.get(f"/surveys/{survey.pk}/").content.decode()
    assert "40 answers on a scale from 1 to 10" in page
    assert "mean 9" in " ".join(page.split())
    # Each of the two lists has its own.
    listed = client.get(f"/surveys/{survey.pk}/answers/").content.decode()
    assert listed.count("data-row") == 12
    others = client.get(f"/surveys/{survey.pk}/answers/?scale=ten").content.decode()
    assert others.count("data-row") == 40


@pytest.mark.django_db(transaction=True)
def test_an_undo_takes_back_what_nobody_worked_with_and_names_the_rest(shop, tmp_path):
    CustomerFactory(external_id="C1")
    owner = UserFactory(role="owner")
    rows = "".join(f"{at},C1,Old,2026-11-20,9,,Good {at},\n" for at in range(3))
    take(tmp_path, rows + "9,,Other,2026-11-20,10,,,\n")
    run = ImportRun.objects.get(kind="past_answers")
    tested, themed, _ = Response.objects.filter(comment__gt="").order_by("id")
    leaving_out.leave_out(tested, because=LeftOut.TEST, now=NOW)
    theme = Theme.objects.create(name="Coffee")
    themes.tag(themed, theme, is_about=True, now=NOW)

    later = NOW + timedelta(hours=1)
    undoing.start(run, by=owner, now=later)
    while jobs.work(now=later, seconds=60).is_unfinished:
        pass

    run.refresh_from_db()
    assert run.undo_counts == {"removed": 2, "kept": 2}
    assert set(Response.objects.all()) == {tested, themed}
    kept = content(run.undo_kept).decode()
    assert "It was left out of the figures since." in kept
    assert "Somebody said since what it is about." in kept
    assert "C1" in kept
    # A survey that the file made and that is empty now is put away.
    assert Survey.objects.get(name="Other").archived_at == later
    assert Survey.objects.get(name="Old").archived_at is None
    # What was taken back may come again.
    assert counts(take(tmp_path, rows)) == (1, 0, 2)


def test_the_form_asks_nothing_of_opt_outs():
    assert "opt_out_kind" not in for_kind("past_answers", {})
