"""The questions of a survey as one document: read, checked, walked through."""

import json
from datetime import date

import pytest

from surveys.rules import classify
from surveys.rules import questionnaire as q
from surveys.rules.questionnaire import Given, Scale, ScoreBand

NPS = {
    "questions": [
        {"key": "score", "kind": "score", "scale": "nps", "required": True},
        {"key": "reason", "kind": "long"},
    ]
}


def words(title):
    return {"en": {"title": title}}


# A score, then one way for the unhappy and another for the happy.
BRANCHED = {
    "questions": [
        {
            "key": "score",
            "kind": "score",
            "scale": "nps",
            "required": True,
            "branches": [
                {"goto": "wrong", "band": "low"},
                {"goto": "end", "least": 10},
            ],
        },
        {
            "key": "good",
            "kind": "choices",
            "texts": words("What was good?"),
            "choices": [
                {"key": "taste", "texts": {"en": "The taste"}},
                {"key": "speed", "texts": {"en": "How fast it came"}},
            ],
            "has_other": True,
            "branches": [
                {"goto": "when", "choice": "speed"},
                {"goto": "end", "answered": False},
            ],
        },
        {
            "key": "wrong",
            "kind": "short",
            "texts": words("What went wrong?"),
            "required": True,
        },
        {"key": "when", "kind": "day", "texts": words("When did it come?")},
    ],
    "thanks": {"low": {"en": "We will write to you."}},
    "confidential": True,
}


def changed(question, **values):
    """BRANCHED, with one question another."""
    content = json.loads(json.dumps(BRANCHED))
    row = next(row for row in content["questions"] if row["key"] == question)
    row.update(values)
    return q.parse(content)


def codes(questionnaire, languages=("en",), lead=Scale.NPS):
    return [one.code for one in q.check(questionnaire, languages, lead)]


@pytest.mark.parametrize("content", [NPS, BRANCHED, {}])
def test_what_is_read_is_written_the_same(content):
    assert q.to_json(q.parse(content)) == content


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {"question": []},
        {"questions": {}},
        {"questions": [{}]},
        {"questions": [{"key": "a", "kind": "score", "skale": "nps"}]},
        {"questions": [{"key": "a", "kind": "poem"}]},
        {"questions": [{"key": "a b", "kind": "long"}]},
        {"questions": [{"key": "", "kind": "long"}]},
        {"questions": [{"key": "a", "kind": "long", "required": 1}]},
        {"questions": [{"key": "a", "kind": "long", "texts": {"en": "A"}}]},
        {"questions": [{"key": "a", "kind": "long", "texts": {"en": {"title": 3}}}]},
        {"questions": [{"key": "a", "kind": "long", "branches": [{"band": "low"}]}]},
        {"questions": [{"key": "a", "kind": "long"}] * 31},
    ],
)
def test_json_of_another_shape_is_refused(content):
    with pytest.raises(q.NotAQuestionnaire):
        q.parse(content)


def test_a_sound_questionnaire_has_no_problem():
    assert codes(q.parse(NPS), languages=("en", "he")) == []
    assert codes(q.parse(BRANCHED)) == []


@pytest.mark.parametrize(
    ("question", "values", "code"),
    [
        ("score", {"branches": [{"goto": "gone", "band": "low"}]}, "branch_nowhere"),
        ("when", {"branches": [{"goto": "good", "answered": True}]}, "branch_back"),
        ("when", {"branches": [{"goto": "when", "answered": True}]}, "branch_back"),
        ("good", {"branches": [{"goto": "end", "choice": "gone"}]}, "branch_never"),
        ("score", {"branches": [{"goto": "end", "least": 11}]}, "branch_never"),
        ("wrong", {"branches": [{"goto": "end", "answered": False}]}, "branch_never"),
        ("score", {"branches": [{"goto": "wrong", "least": 0}]}, "unreachable"),
        ("score", {"required": False}, "no_lead"),
        ("score", {"scale": "ces"}, "no_lead"),
        ("score", {"texts": words("Do you like us?")}, "nps_words_are_fixed"),
        ("when", {"key": "good"}, "key_twice"),
        ("when", {"key": "end"}, "key_taken"),
        ("when", {"key": "reason"}, "reason_is_words"),
        ("when", {"texts": {"he": {"title": "מתי?"}}}, "no_words"),
        ("when", {"texts": {}}, "no_words"),
        ("when", {"kind": "score"}, "no_scale"),
        ("good", {"choices": []}, "too_few_choices"),
        ("good", {"choices": [{"key": "a"}, {"key": "a"}]}, "choice_twice"),
        ("good", {"choices": [{"key": "a"}, {"key": "b"}]}, "no_choice_words"),
        ("when", {"texts": words("See http://kettle.example")}, "bad_link"),
        ("when", {"texts": words("See javascript://x")}, "bad_link"),
        ("when", {"texts": words("When did {product} come?")}, "no_fallback"),
        ("when", {"texts": words("When did {phone|it} come?")}, "unknown_fact"),
        ("when", {"texts": words("When did {product come?")}, "stray_brace"),
    ],
)
def test_what_would_go_wrong_is_named(question, values, code):
    assert code in codes(changed(question, **values))


def test_missing_words_are_named_for_each_language():
    found = q.check(q.parse(BRANCHED), ("en", "he"), Scale.NPS)

    missing = {(one.code, one.question) for one in found if one.language == "he"}
    assert missing == {
        ("no_words", "good"),
        ("no_choice_words", "good"),
        ("no_words", "wrong"),
        ("no_words", "when"),
        ("no_thanks", ""),
    }
    assert [one for one in found if one.language == "en"] == []


def test_good_links_and_facts_are_no_problem():
    title = "Did {product|it} of {shop} come? See https://kettle.example/help."

    assert codes(changed("when", texts=words(title))) == []


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, ("score", "good")),
        ({"score": Given(number=3)}, ("score", "wrong", "when")),
        ({"score": Given(number=10)}, ("score",)),
        ({"score": Given(number=9)}, ("score", "good")),
        (
            {"score": Given(number=8), "good": Given(choices=("speed",))},
            ("score", "good", "when"),
        ),
        (
            {"score": Given(number=8), "good": Given(choices=("taste",))},
            ("score", "good", "wrong", "when"),
        ),
    ],
)
def test_the_way_follows_the_answers(answers, expected):
    assert q.path(q.parse(BRANCHED), answers) == expected


def test_a_branch_that_leads_back_is_never_taken():
    looping = changed("when", branches=[{"goto": "score", "answered": True}])

    answers = {"score": Given(number=1), "when": Given(day=date(2026, 5, 3))}

    assert q.path(looping, answers) == ("score", "wrong", "when")


def test_answers_off_the_way_are_not_kept():
    given = {
        "score": Given(number=2),
        "good": Given(choices=("taste",)),
        "wrong": Given(text="It leaked"),
        "when": Given(),
    }

    assert set(q.kept(q.parse(BRANCHED), given)) == {"score", "wrong"}


def test_what_must_still_be_answered():
    branched = q.parse(BRANCHED)

    assert q.unanswered(branched, {}) == ["score"]
    assert q.unanswered(branched, {"score": Given(number=2)}) == ["wrong"]
    assert q.unanswered(branched, {"score": Given(number=10)}) == []


@pytest.mark.parametrize(
    ("question", "given", "code"),
    [
        ("score", Given(number=0), ""),
        ("score", Given(number=11), "out_of_range"),
        ("score", Given(text="3"), "not_a_number"),
        ("score", Given(), ""),
        ("good", Given(choices=("taste", "other"), text="The smell"), ""),
        ("good", Given(choices=("taste",), text="The smell"), "unknown_choice"),
        ("good", Given(choices=("taste", "taste")), "unknown_choice"),
        ("good", Given(choices=("gone",)), "unknown_choice"),
        ("good", Given(choices=("other",), text="x" * 201), "too_long"),
        ("good", Given(number=1), "unknown_choice"),
        ("wrong", Given(text="x" * 200), ""),
        ("wrong", Given(text="x" * 201), "too_long"),
        ("wrong", Given(day=date(2026, 1, 1)), "not_text"),
        ("when", Given(day=date(2026, 1, 1)), ""),
        ("when", Given(day=date(1, 1, 1)), "not_a_day"),
        ("when", Given(text="yesterday"), "not_a_day"),
    ],
)
def test_an_answer_fits_its_question(question, given, code):
    assert q.wrong(q.parse(BRANCHED).question(question), given) == code


def test_one_choice_is_one():
    one = changed("good", kind="choice").question("good")

    assert q.wrong(one, Given(choices=("taste", "speed"))) == "more_than_one"


def test_bands_of_nps_are_those_of_its_score():
    names = {"detractor": "low", "passive": "middle", "promoter": "high"}
    for score in q.numbers_of(Scale.NPS):
        assert q.band_of(Scale.NPS, score) == names[classify(score)]


@pytest.mark.parametrize(
    ("scale", "low", "middle", "high"),
    [(Scale.CSAT, [1, 2], [3], [4, 5]), (Scale.CES, [1, 2, 3], [4], [5, 6, 7])],
)
def test_bands_of_the_other_scales(scale, low, middle, high):
    bands = {ScoreBand.LOW: low, ScoreBand.MIDDLE: middle, ScoreBand.HIGH: high}
    for band, scores in bands.items():
        assert [n for n in q.numbers_of(scale) if q.band_of(scale, n) is band] == scores


def test_lead_and_reason_stand_on_the_answer_and_the_others_in_rows():
    found = q.parse(NPS)
    assert (found.lead.key, found.reason.key, found.further) == ("score", "reason", ())

    branched = q.parse(BRANCHED)
    assert branched.reason is None
    assert [one.key for one in branched.further] == ["good", "wrong", "when"]


def test_facts_are_recalled_and_unknown_ones_have_their_fallback():
    text = "How was your {product|order} from {day|last time}, {first_name}?"

    assert q.recalled(text, {"product": "Ethiopia 1 kg", "day": "3 May"}) == (
        "How was your Ethiopia 1 kg from 3 May, ?"
    )
    assert q.recalled("{product|your order}", {"product": ""}) == "your order"
    assert q.recalled("{product}", {"product": "{shop}"}) == "{shop}"


def test_one_question_takes_about_twenty_seconds_and_many_too_long():
    long = {
        "questions": [
            {"key": f"q{n}", "kind": "long", "texts": words("Why is that so?")}
            for n in range(5)
        ]
    }

    assert 15 <= q.seconds(q.parse(NPS)) <= 24
    assert q.seconds(q.parse(long)) > q.LONGEST_SECONDS


def test_the_time_is_that_of_the_longest_way():
    some_end = changed("score", branches=[{"goto": "end", "least": 5}])
    all_end = changed("score", branches=[{"goto": "end", "least": 0}])
    longer = changed("score", branches=[])

    assert q.seconds(longer) >= q.seconds(q.parse(BRANCHED))
    assert q.seconds(q.parse(BRANCHED)) > 20
    assert q.seconds(some_end) == q.seconds(longer), "the next one is a way as well"
    assert q.seconds(all_end) < 10, "nobody comes to what is behind it"
    assert q.seconds(q.parse({})) == 0
    found = [q.most_asked(one) for one in (all_end, q.parse(BRANCHED), q.parse({}))]
    assert found == [1, 4, 0]
