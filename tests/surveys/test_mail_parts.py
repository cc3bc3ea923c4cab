"""The first question inside the mail, against what mail programs are known to do."""

import re

import pytest
from django.utils import translation

from messaging import kinds
from messaging.kinds import MailContext
from messaging.rendering import sample
from surveys import mail_parts
from surveys.kinds.asking import AsksForScore
from surveys.rules import questionnaire as q
from surveys.rules.questionnaire import (
    Choice,
    Look,
    Question,
    QuestionKind,
    Questionnaire,
    Scale,
)
from tests.factories import NOW
from tests.surveys.client_rules import RULES, Reader, elements, presses

LANGUAGES = ["en", "zh-hans", "zh-hant", "he"]


def scored(scale, look=None):
    return q.score_and_reason(scale, look)


def choices(number):
    keys = [f"c{at}" for at in range(number)]
    question = Question(
        "why",
        QuestionKind.CHOICE,
        texts={"en": {"title": "Why <b>&</b> {product|it}?"}, "he": {"title": "למה?"}},
        choices=tuple(Choice(key, {"en": f"Because <{key}>"}) for key in keys),
        has_other=True,
    )
    return Questionnaire((question, Question("more", QuestionKind.LONG)))


FIRST = {
    "nps": (q.NPS, 11),
    "stars": (scored(Scale.CSAT), 5),
    "faces": (scored(Scale.CSAT, Look.FACES), 5),
    "numbers": (scored(Scale.CSAT, Look.NUMBERS), 5),
    "ces": (scored(Scale.CES), 7),
    "choice": (choices(3), 4),
}


@pytest.fixture
def mail(shop, monkeypatch):
    """A mail of the real kind and template, asking another question first."""

    def make(questionnaire, language="en"):
        whole = AsksForScore.sample

        def asking(self, language, now):
            context = whole(self, language, now)
            with translation.override(language):
                first = mail_parts.first_question(questionnaire, {}, "en")
            return MailContext(
                values={**context.values, **first},
                links=context.links,
                words=context.words,
                footer_reason=context.footer_reason,
            )

        monkeypatch.setattr(AsksForScore, "sample", asking)
        return sample(kinds.get("survey_after_delivery"), language, NOW)

    return make


@pytest.mark.parametrize("name", FIRST)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answers_keep_the_rules_of_mail_programs(mail, name, language):
    questionnaire, count = FIRST[name]
    found = elements(mail(questionnaire, language).html)

    assert len(presses(found)) == count
    broken = {
        f"{rule.name} ({rule.clients})": list(rule.broken(found)) for rule in RULES
    }
    assert {told: pieces for told, pieces in broken.items() if pieces} == {}


@pytest.mark.parametrize(
    ("rule", "spoilt"),
    [
        ("no element that is taken out", ("<td", "<img src='star.png'><td")),
        ("no CSS that Word does not know", ("display: block", "display: flex")),
        ("the border on the cell", ("border: 1px solid", "outline: 1px solid")),
        ("gaps by the table, not by margins", ('cellspacing="4"', 'cellspacing="0"')),
        ("ink and ground on one piece", ('bgcolor="#FFFFFF"', "")),
        ("readable turned upside down", ("color: #1B2420", "color: #EEEEEE")),
        ("large enough for a finger", ('height="42"', 'height="24"')),
        ("no wider than a small phone", ('width="38"', 'width="60"')),
        ("its own direction", ('dir="ltr"', "")),
        ("words in each link", (">9</a>", "></a>")),
        ("an address of its own, whole", ("score=8", "score=9")),
        ("each answer in a cell of a plain table", ('role="presentation"', "")),
    ],
)
def test_each_rule_finds_what_breaks_it(mail, rule, spoilt):
    """A rule that finds nothing anywhere would be none."""
    html = mail(q.NPS).html.replace(*spoilt)
    (found,) = [one for one in RULES if one.name == rule]

    assert list(found.broken(elements(html)))


@pytest.mark.parametrize("name", FIRST)
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_can_be_answered_from_the_plain_text(mail, name, language):
    whole = mail(FIRST[name][0], language)
    text = whole.text

    assert re.search(r"^https?://\S+/s/\S+/$", text, flags=re.M)
    assert "{" not in text
    # To say no, in both parts; the page asks before it counts.
    assert re.search(r"/s/\S+/\?decline=1$", text, flags=re.M)
    assert len(re.findall(r'/s/[^"]+/\?decline=1"', whole.html)) == 1
    if name == "choice":
        assert "- Because <c1>" in text


def test_what_was_typed_is_text_and_never_markup(mail):
    html = mail(choices(3)).html

    assert "Because &lt;c1&gt;" in html
    assert "Why &lt;b&gt;&amp;&lt;/b&gt; it?" in html


def test_many_choices_are_a_button_to_the_page(mail):
    shown = mail(choices(12))

    assert not presses(elements(shown.html))
    assert "Answer on this page" in shown.html
    assert "Answer on this page:" in shown.text


def test_each_press_leads_to_the_page_with_that_answer(mail):
    links = [one.attributes["href"] for one in presses(elements(mail(choices(2)).html))]

    assert [link.partition("?")[2] for link in links] == [
        "answer=c0",
        "answer=c1",
        "answer=other",
    ]


def test_the_row_is_mirrored_in_hebrew(mail):
    found = Reader(mail(scored(Scale.CES), "he").html).found
    assert {
        one.attributes["dir"]
        for one in found
        if one.attributes.get("class") == "scores"
    } == {"rtl"}
