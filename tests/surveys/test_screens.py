"""Which questions a page holds, and what it means when it is sent."""

import pytest

from surveys.rules import questionnaire as q
from surveys.rules.questionnaire import (
    Branch,
    Choice,
    Given,
    Question,
    QuestionKind,
    Questionnaire,
    Scale,
    ScoreBand,
)


def choice(key, *branches, required=False):
    return Question(
        key,
        QuestionKind.CHOICE,
        required=required,
        choices=(Choice("a"), Choice("b")),
        branches=branches,
    )


def short(key, required=False):
    return Question(key, QuestionKind.SHORT, required=required)


LEAD = Question("score", QuestionKind.SCORE, required=True, scale=Scale.NPS)
REASON = Question("reason", QuestionKind.LONG)
NPS = Questionnaire((LEAD, REASON))
FOUR = Questionnaire((LEAD, REASON, short("what"), short("else", required=True)))
BRANCHED = Questionnaire(
    (
        Question(
            "score",
            QuestionKind.SCORE,
            required=True,
            scale=Scale.CSAT,
            branches=(Branch("wrong", band=ScoreBand.LOW), Branch("good")),
        ),
        REASON,
        short("good"),
        short("wrong", required=True),
        choice("last", Branch("end", choice="a")),
        short("after"),
    )
)
NINE, TWO, WORDS = Given(number=9), Given(number=2), Given(text="words")


@pytest.mark.parametrize(
    ("questionnaire", "answers", "at", "shown"),
    [
        (FOUR, {}, "", ("score", "reason", "what", "else")),
        # What comes next hangs on the score.
        (BRANCHED, {}, "", ("score",)),
        (BRANCHED, {"score": TWO}, "", ("score", "wrong", "last")),
        (BRANCHED, {"score": TWO}, "last", ("score", "wrong", "last")),
        (
            BRANCHED,
            {"score": TWO, "last": Given(choices=("b",))},
            "",
            ("score", "wrong", "last", "after"),
        ),
        (
            BRANCHED,
            {"score": TWO, "last": Given(choices=("a",))},
            "",
            ("score", "wrong", "last"),
        ),
        # Passed over: who is behind it sees what follows.
        (BRANCHED, {"score": TWO}, "after", ("score", "wrong", "last", "after")),
    ],
)
def test_a_page_ends_where_an_answer_decides_what_comes_next(
    questionnaire, answers, at, shown
):
    assert q.shown(questionnaire, answers, at) == shown


def test_a_phone_shows_one_question_and_a_score_with_its_reason():
    keys = ("score", "reason", "what", "else")
    assert q.screens(FOUR, keys) == (("score", "reason"), ("what",), ("else",))
    # Its branches come before its reason.
    assert q.screens(BRANCHED, ("score", "reason")) == (("score",), ("reason",))


@pytest.mark.parametrize(
    ("answers", "at"),
    [
        ({}, "score"),
        ({"score": NINE}, "what"),
        ({"score": NINE, "reason": WORDS}, "what"),
        ({"score": NINE, "what": WORDS}, "else"),
        ({"score": NINE, "else": WORDS}, "else"),
        ({"what": WORDS}, "score"),
    ],
)
def test_who_comes_back_goes_on_behind_the_last_answer(answers, at):
    assert q.goes_on_at(FOUR, answers) == at


def test_next_keeps_what_it_holds_and_names_the_question_behind():
    turned = q.onward(FOUR, {}, {"score": NINE, "reason": WORDS}, "score")

    assert (turned.at, turned.missing) == ("what", ())
    assert turned.answers == {"score": NINE, "reason": WORDS}


def test_next_waits_for_what_must_be_answered():
    assert q.onward(FOUR, {}, {"reason": WORDS}, "score").missing == ("score",)
    # Not yet asked on a phone, though it stands on the page.
    assert q.onward(FOUR, {}, {"score": NINE}, "score").missing == ()


def test_next_at_the_last_question_is_the_end():
    before = {"score": NINE}
    assert q.onward(FOUR, before, {"else": WORDS}, "else").at == ""
    ended = q.onward(
        BRANCHED,
        {"score": TWO, "wrong": WORDS},
        {"last": Given(choices=("a",))},
        "last",
    )
    assert ended.at == ""


def test_back_asks_for_nothing_and_keeps_what_was_typed():
    turned = q.backward(FOUR, {"score": NINE}, {"what": WORDS}, "else")

    assert (turned.at, turned.missing) == ("what", ())
    assert turned.answers == {"score": NINE, "what": WORDS}


def test_complete_waits_for_what_must_be_answered():
    turned = q.complete(FOUR, {}, {"score": NINE}, ("score", "reason", "what", "else"))

    assert turned.missing == ("else",)


def test_a_changed_answer_that_leads_elsewhere_is_asked_there_first():
    before = {"score": Given(number=5), "good": WORDS, "last": Given(choices=("a",))}
    sent = {**before, "score": TWO}
    turned = q.complete(BRANCHED, before, sent, tuple(before))

    assert (turned.at, turned.missing) == ("wrong", ())
    # What was said on the way not taken counts no more.
    assert set(turned.answers) == {"score", "last"}


@pytest.mark.parametrize(("whole", "is_short"), [(NPS, True), (FOUR, False)])
def test_a_score_and_its_reason_are_a_short_survey(whole, is_short):
    assert q.is_short(whole) is is_short
