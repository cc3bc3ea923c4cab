"""Surveys: made from a starting point, edited as a draft, put live as a whole."""

import pytest
from django.test import Client
from django.utils.translation import override

from crm.models import AuditEntry
from surveys.choices import SurveyKind
from surveys.models import Survey, SurveyVersion
from surveys.rules import questionnaire as q
from surveys.selectors.editor import editor
from surveys.services import editing, making
from surveys.starting_points import STARTING_POINTS
from tests.factories import NOW, ResponseFactory, UserFactory
from tests.pages import read
from web.errors import StaleVersion

# The questions of the survey that these tests begin with.
FOUR = ["score", "difficult", "wrong", "missing", "recommend", "why"]


@pytest.fixture
def manager(shop):
    client = Client()
    client.force_login(UserFactory(role="manager"))
    return client


@pytest.fixture
def draft(shop):
    point = STARTING_POINTS["four"]
    return making.make(
        name="Order", kind=point.kind, questionnaire=point.make(), now=NOW
    )


def address(survey, page="questions"):
    return f"/surveys/{survey.pk}/{page}/"


def press(client, survey, page="questions/change", **values):
    survey.refresh_from_db()
    sent = {"version": survey.version, **values}
    return client.post(address(survey, page), sent, follow=True)


def keys(survey):
    return [one.key for one in questions(survey)]


def questions(survey):
    survey.refresh_from_db()
    return q.parse(editing.content_of(survey)).questions


def page_as_sent(survey, key, **changes):
    """What the page of a question sends when nothing but these is changed."""
    one = next(one for one in questions(survey) if one.key == key)
    sent = {
        f"{part}.{language}": words
        for language, parts in one.texts.items()
        for part, words in parts.items()
    }
    for at, choice in enumerate(one.choices):
        sent[f"choice.{at}.key"] = choice.key
        for language, words in choice.texts.items():
            sent[f"choice.{at}.{language}"] = words
    for name in ("required", "has_other"):
        if getattr(one, name):
            sent[name] = "on"
    return {**sent, **changes}


@pytest.mark.parametrize("name", [name for name in STARTING_POINTS if name != "blank"])
def test_every_starting_point_can_go_live_as_it_is(shop, name):
    point = STARTING_POINTS[name]
    made = making.make(name=name, kind=point.kind, questionnaire=point.make(), now=NOW)

    found = editor(made)

    assert found.problems == []
    assert found.unwritten == []
    assert found.seconds <= q.LONGEST_SECONDS


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "he"])
def test_starting_points_are_written_in_every_language(language):
    with override("en"):
        made = [point.make() for point in STARTING_POINTS.values()]
    for one in (one for whole in made for one in whole.questions):
        own = [one.texts, *(choice.texts for choice in one.choices)]
        for texts in filter(None, own):
            assert texts[language] != texts["en"], (one.key, texts["en"])


def test_the_four_questions_are_how_what_was_hard_what_is_missing_and_recommending():
    """Whoever is unhappy is asked what went wrong instead of what was difficult."""
    four = STARTING_POINTS["four"].make()
    ways = [q.path(four, {"score": q.Given(number=n)}) for n in (1, 5)]

    last = ("missing", "recommend", "why")
    assert ways == [("score", "wrong", *last), ("score", "difficult", *last)]
    assert four.question("recommend").scale is q.Scale.NPS
    assert q.most_asked(four) == 5


def test_a_survey_is_made_from_a_starting_point_and_asks_nobody_yet(manager):
    read(manager.get("/surveys/new/"), "Why they left")

    made = manager.post("/surveys/new/", {"name": "Left", "begin": "exit"}, follow=True)

    survey = Survey.objects.get(name="Left")
    read(made, "It was never live", "You have not ordered for a while")
    assert (survey.kind, survey.state, survey.live_version) == ("exit", "draft", None)
    assert survey.versions.get().made_by.role == "manager"


@pytest.mark.parametrize(
    "sent", [{"name": "", "begin": "nps"}, {"name": "X", "begin": "poem"}]
)
def test_a_survey_without_a_name_or_a_beginning_is_refused(manager, sent):
    before = Survey.objects.count()

    assert manager.post("/surveys/new/", sent).status_code == 422
    assert Survey.objects.count() == before


def test_questions_are_added_moved_and_removed(manager, draft):
    press(manager, draft, do="add", kind="day")
    press(manager, draft, do="up", key="q1")
    assert keys(draft) == [*FOUR[:-1], "q1", "why"]

    press(manager, draft, do="down", key="score")
    press(manager, draft, do="remove", key="wrong")

    assert keys(draft) == ["difficult", "score", "missing", "recommend", "q1", "why"]
    score = questions(draft)[1]
    assert score.branches == (), "what led to a removed question is gone, too"


def test_the_last_change_can_be_taken_back_once(manager, draft):
    removed = press(manager, draft, do="remove", key="wrong")
    read(removed, "The question is removed.", "Undo")

    read(press(manager, draft, page="questions/undo"), "Taken back.")

    assert keys(draft) == FOUR
    assert questions(draft)[0].branches[0].goto == "wrong"
    again = press(manager, draft, page="questions/undo")
    read(again, "There is nothing to take back any more.")


def test_what_somebody_else_changed_meanwhile_is_not_lost(manager, draft):
    stale = draft.version
    press(manager, draft, do="remove", key="missing")

    manager.post(
        address(draft, "questions/change"),
        {"version": stale, "do": "remove", "key": "wrong"},
    )

    assert keys(draft) == [key for key in FOUR if key != "missing"]
    with pytest.raises(StaleVersion):
        editing.rename(draft, version=stale, name="Other", now=NOW)


def test_a_question_gets_its_words_choices_and_branches(manager, draft):
    sent = page_as_sent(
        draft,
        "difficult",
        **{
            "title.en": " Anything   good? ",
            "help.he": "אפשר כמה",
            "choice.3.en": "",
            "choice.3.he": "",
            "choice.3.zh-hans": "",
            "choice.3.zh-hant": "",
            "choice.5.key": "",
            "choice.5.en": "The smell",
            "branch.0.when": "choice:delivery",
            "branch.0.goto": "end",
            "required": "on",
        },
    )

    press(manager, draft, page="question/difficult", **sent)

    good = questions(draft)[1]
    assert good.texts["en"] == {"title": "Anything good?"}
    assert good.texts["he"]["help"] == "אפשר כמה"
    assert [one.key for one in good.choices] == [
        "nothing",
        "ordering",
        "delivery",
        "help",
        "c1",
    ]
    assert good.choices[-1].texts == {"en": "The smell"}
    assert good.branches == (q.Branch("end", choice="delivery"),)
    assert (good.required, good.has_other) == (True, True)


@pytest.mark.parametrize(
    ("when", "branch"),
    [
        ("band:low", q.Branch("missing", band=q.ScoreBand.LOW)),
        ("score:2-2", q.Branch("missing", least=2, most=2)),
        ("answered", q.Branch("missing", answered=True)),
        ("empty", q.Branch("missing", answered=False)),
    ],
)
def test_every_condition_of_a_branch_is_read_and_shown_again(
    manager, draft, when, branch
):
    sent = {"required": "on", "branch.0.when": when, "branch.0.goto": "missing"}

    press(manager, draft, page="question/score", **sent)

    assert questions(draft)[0].branches == (branch,)
    page = read(manager.get(address(draft, "question/score")))
    assert f'value="{when}" selected' in " ".join(page.split())


def test_a_span_of_scores_is_chosen_by_its_ends_and_stays(manager, draft):
    sent = {
        "required": "on",
        "branch.0.when": "span",
        "branch.0.least": "3",
        "branch.0.most": "4",
        "branch.0.goto": "missing",
    }

    press(manager, draft, page="question/score", **sent)

    [branch] = questions(draft)[0].branches
    assert branch == q.Branch("missing", least=3, most=4)
    page = " ".join(read(manager.get(address(draft, "question/score"))).split())
    assert 'value="span" selected' in page
    assert '<option value="3" selected>' in page
    assert '<option value="4" selected>' in page
    press(manager, draft, page="question/score", **{**sent, "branch.0.least": "5"})
    assert "A branch can never be taken." in read(
        manager.get(address(draft, "question/score"))
    )


@pytest.mark.parametrize("when", ["poem", "band:poem", "score:x-y", "choice:", ""])
def test_a_condition_that_is_none_makes_no_branch(manager, draft, when):
    sent = {"branch.0.when": when, "branch.0.goto": "missing"}

    press(manager, draft, page="question/score", **sent)

    assert questions(draft)[0].branches == ()


def test_what_is_too_long_is_refused_and_stays_on_the_page(manager, draft):
    sent = page_as_sent(draft, "missing", **{"title.en": "x" * 301, "help.en": "Kept"})

    answer = press(manager, draft, page="question/missing", **sent)

    read(answer, "There is a problem", "x" * 301, "Kept", status=422)
    assert questions(draft)[3].texts["en"] == {
        "title": "What should we offer that we do not have?"
    }


def test_the_words_of_nps_stay_as_they_are(manager, shop):
    made = making.make(name="N", kind=SurveyKind.NPS, questionnaire=q.NPS, now=NOW)

    page = read(manager.get(address(made, "question/score")))
    press(manager, made, page="question/score", **{"title.en": "Do you like us?"})

    assert "keeps the wording of its inventors" in page
    assert questions(made)[0].texts == {}


def test_what_would_go_wrong_is_said_and_keeps_it_from_going_live(manager, draft):
    press(manager, draft, do="add", kind="choice")

    page = read(manager.get(address(draft)), "Before it can go live")
    assert "The question is not written in English." in page
    refused = press(manager, draft, page="publish")

    read(refused, "This survey cannot go live yet")
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_branch_that_leads_nowhere_and_a_bad_link_are_refused(manager, draft):
    sent = page_as_sent(
        draft, "score", **{"branch.0.when": "band:low", "branch.0.goto": "gone"}
    )
    press(manager, draft, page="question/score", **sent)
    press(manager, draft, page="thanks", **{"thanks..en": "See http://shop.example"})

    page = read(manager.get(address(draft)), "Before it can go live")
    assert "A branch leads to a question that is not there." in page
    assert "“http://shop.example” is no address that begins with https://." in page
    read(press(manager, draft, page="publish"), "This survey cannot go live yet")
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_more_than_forty_seconds_are_warned_of(manager, draft):
    assert "Over 40 seconds" not in read(manager.get(address(draft)))

    for _ in range(5):
        press(manager, draft, do="add", kind="long")

    read(manager.get(address(draft)), "Over 40 seconds, many give up")


def test_a_published_draft_is_a_new_version_and_old_answers_keep_theirs(manager, draft):
    press(manager, draft, page="publish")
    draft.refresh_from_db()
    first = draft.live_version
    answer = ResponseFactory(survey=draft, scale="csat", score=5)

    press(manager, draft, do="remove", key="missing")
    draft.refresh_from_db()
    assert draft.live_version == first, "a change is a draft first"
    press(manager, draft, page="publish")

    draft.refresh_from_db()
    answer.refresh_from_db()
    assert (draft.live_version.number, draft.state) == (2, "live")
    assert answer.survey_version == first
    assert len(first.content["questions"]) == len(FOUR)
    published = AuditEntry.objects.filter(action="survey.published")
    assert published.count() == 2


def test_changes_that_are_not_live_can_be_forgotten_and_taken_back(manager, draft):
    press(manager, draft, page="publish")
    press(manager, draft, do="remove", key="missing")

    press(manager, draft, page="forget")
    assert keys(draft) == FOUR
    assert not SurveyVersion.objects.filter(survey=draft, state="draft").exists()

    press(manager, draft, page="questions/undo")
    assert keys(draft) == [key for key in FOUR if key != "missing"]


def test_a_survey_that_was_never_live_keeps_its_only_version(manager, draft):
    press(manager, draft, page="forget")

    assert keys(draft) == FOUR


def test_it_is_closed_opened_archived_and_restored(manager, draft):
    press(manager, draft, page="publish")
    states = []
    for to in ("closed", "live", "archived", "restored"):
        press(manager, draft, page="state", to=to)
        draft.refresh_from_db()
        states.append((draft.state, draft.archived_at is not None))

    assert states == [
        ("closed", False),
        ("live", False),
        ("closed", True),
        ("closed", False),
    ]
    assert manager.post(address(draft, "state"), {"to": "poem"}).status_code == 404


def test_a_draft_cannot_be_opened_past_its_check(manager, draft):
    press(manager, draft, page="state", to="live")

    draft.refresh_from_db()
    assert draft.state == "draft"


def test_an_archived_survey_is_in_no_list(manager, draft):
    assert "Order" in read(manager.get("/surveys/"))

    press(manager, draft, page="state", to="archived")

    assert ">Order<" not in read(manager.get("/surveys/"))


def test_name_confidence_and_thanks(manager, draft):
    press(manager, draft, do="rename", name=" After an order ")
    press(manager, draft, do="confidential")
    press(manager, draft, page="thanks", **{"thanks.low.en": "We are  sorry."})

    draft.refresh_from_db()
    assert draft.name == "After an order"
    content = editing.content_of(draft)
    assert content["confidential"] is True
    assert content["thanks"] == {"low": {"en": "We are sorry."}}
    read(manager.get(address(draft, "thanks")), "We are sorry.")


def test_an_empty_name_is_refused(manager, draft):
    press(manager, draft, do="rename", name=" ")

    draft.refresh_from_db()
    assert draft.name == "Order"


def test_a_question_that_is_not_there_is_not_found(manager, draft):
    assert manager.get(address(draft, "question/gone")).status_code == 404
    assert manager.post(address(draft, "questions/change"), {}).status_code == 404


def test_those_who_only_read_find_no_editor(shop, draft):
    client = Client()
    client.force_login(UserFactory(role="agent"))

    assert client.get(address(draft)).status_code == 403
    page = read(client.get(f"/surveys/{draft.pk}/"))
    assert "Questions" not in page
