"""The three mails, as customers get them, in every language."""

import re

import pytest

from messaging import kinds
from messaging.rendering import sample
from tests.factories import NOW

KINDS = ["survey_regularly", "survey_after_delivery", "survey_reminder"]
LANGUAGES = ["en", "zh-hans", "zh-hant", "he"]


@pytest.fixture(autouse=True)
def _shop(shop):
    pass


def mail(name, language="en"):
    return sample(kinds.get(name), language, NOW)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mail_has_three_parts_without_a_gap(name, language):
    shown = mail(name, language)

    for part in (shown.subject, shown.text, shown.html):
        assert part.strip()
        assert "{" not in re.sub(r"<style.*?</style>", "", part, flags=re.S)
    assert "Kettle" in shown.text


@pytest.mark.parametrize("name", KINDS)
def test_every_mail_has_the_scale_as_eleven_links(name):
    html = mail(name).html

    scores = re.findall(r'href="[^"]+/\?score=(\d+)"', html)
    assert [int(score) for score in scores] == list(range(11))


@pytest.mark.parametrize("name", KINDS)
def test_every_mail_can_be_answered_from_its_plain_text(name):
    text = mail(name).text

    assert "How likely are you to recommend us to a friend?" in text
    assert re.search(r"^https?://\S+/s/\S+/$", text, flags=re.M)


def test_the_scale_is_mirrored_in_hebrew():
    assert 'dir="rtl"' in mail("survey_after_delivery", "he").html


def test_the_mail_after_delivery_names_the_product_and_the_day():
    text = mail("survey_after_delivery").text

    assert "your Ethiopia 1 kg arrived on 16 November 2026." in text
    assert "You got this because order 10493 arrived" in text
