"""Mails of the journeys as they leave, to readers of each language: in their words,
from their side of the line, and with no English left in them."""

import html
import re
from datetime import UTC, date, datetime

import pytest
from django.conf import settings

from crm.models import Customer, Product
from loyalty.services import campaigns
from messaging import kinds
from messaging.models import Automation, Body
from messaging.services import (
    automation_rows,
    automations,
    delivery,
    planning,
    wordings,
)
from tests.factories import UserFactory
from tests.journeys.due_people import BEGINS, DAY, DUE
from tests.journeys.support import open_business
from tests.loyalty.campaign_shop import campaign_of, readers

ON = date(2026, 11, 24)
NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)
NAMES = {"en": "Dana", "he": "דנה", "zh-hans": "大卫", "zh-hant": "大衛"}
# A sentence of the mail of each kind.
SENTENCES = {
    "anniversary": {
        "en": "There is nothing to do and nothing to buy. We wanted you to know.",
        "he": "אין מה לעשות ואין מה לקנות. רק רצינו שתדעו.",
        "zh-hans": "您什么都不用做，也不用买。我们只是想让您知道。",
        "zh-hant": "您什麼都不用做，也不用買。我們只是想讓您知道。",
    },
    "welcome": {
        "en": "Good to have you with us",
        "he": "טוב שאתם איתנו",
        "zh-hans": "很高兴有您",
        "zh-hant": "很高興有您",
    },
    "reorder": {
        "en": "If you still have enough, there is nothing to do.",
        "he": "אם עדיין יש לכם מספיק, אין צורך לעשות דבר.",
        "zh-hans": "如果还够用，您无需任何操作。",
        "zh-hant": "如果還夠用，您無需任何操作。",
    },
    "survey_after_delivery": {
        "en": "Would you recommend Kettle & Leaf to a friend?",
        "he": "האם תמליצו לחברים על Kettle & Leaf?",
        "zh-hans": "您会向朋友推荐Kettle & Leaf吗？",
        "zh-hant": "您會向朋友推薦Kettle & Leaf嗎？",
    },
    "campaign": {
        "en": "A good year to you",
        "he": "שנה טובה לכם",
        "zh-hans": "祝您新年快乐",
        "zh-hant": "祝您新年快樂",
    },
}


@pytest.fixture(autouse=True)
def outbox(settings, tmp_path):
    settings.MAIL_TRANSPORT = "outbox"
    settings.JOURNAL_FOLDER = tmp_path


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("kind", SENTENCES)
def test_each_reader_gets_the_mail_in_the_words_of_their_language(kind):
    open_business()
    people = written_in_four_languages() if kind == "campaign" else due(kind)
    for code, person in people.items():
        Customer.objects.filter(pk=person.pk).update(
            language=code, given_name=NAMES[code], greeting_name=NAMES[code]
        )

    planning.sweep(now=NINE - DAY, kinds=[kind])
    delivery.deliver(now=NINE)

    for code, person in people.items():
        body = Body.objects.get(message__customer=person)
        direction = "rtl" if code in settings.LANGUAGES_BIDI else "ltr"
        assert f'dir="{direction}"' in body.html
        assert SENTENCES[kind][code] in f"{body.subject}\n{body.text}"
        assert NAMES[code] in body.text
        if code != "en":
            assert english_in(body.subject, body.text, seen(body.html)) == []


def due(kind):
    automation = Automation.objects.filter(kind=kind).first()
    automation = automation or automation_rows.create(kinds.get(kind), now=BEGINS)
    Automation.objects.filter(pk=automation.pk).update(send_hour=9, rests=False)
    automation = automations.switch_on(automation, now=NINE - 10 * DAY)
    return {code: DUE[kind](ON, automation) for code in NAMES}


def written_in_four_languages():
    campaign = campaign_of(on=ON, now=BEGINS, send_hour=9)
    row = campaign.automation
    for code, text in SENTENCES["campaign"].items():
        words = {"subject": text, "text": text + " {first_name}"}
        wordings.save_wording(row, language=code, fields=words, now=BEGINS)
    people = dict(zip(NAMES, readers(len(NAMES)), strict=True))
    campaigns.start(campaign, staff=UserFactory(role="manager"), now=BEGINS)
    return people


def seen(page):
    """The words of an HTML mail that its reader sees."""
    body = re.sub(r"(?s)<(head|style)\b.*?</\1>|<!--.*?-->|<[^>]+>", " ", page)
    return html.unescape(body)


def english_in(*texts):
    """Words in Latin letters but addresses and the names of the shop and its goods."""
    known = ["Kettle & Leaf", "1 Mill Lane, Leeds", "Noa"]
    known += Product.objects.values_list("name", flat=True)
    text = re.sub(r"https?://\S+|\S+@\S+", " ", "\n".join(texts))
    for name in known:
        text = text.replace(name, " ")
    return re.findall(r"[A-Za-z]{3,}", text)
