"""The mail about a reward given by hand: only where asked for, once, and if one may."""

from datetime import UTC, datetime, timedelta

import pytest

from loyalty.models import Grant
from loyalty.rules import codes as rules
from loyalty.services import grants, reward_mails, rewards
from messaging.models import Body, Message
from messaging.rules.choices import Category
from messaging.selectors.outbox import row_of
from messaging.services import consent
from messaging.services.delivery import deliver
from tests.factories import CustomerFactory, UserFactory
from tests.loyalty.reward_shop import make, open_shop
from tests.pages import read

NOW = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(minutes=3)


@pytest.fixture(autouse=True)
def _shop(db, settings, tmp_path):
    settings.MAIL_TRANSPORT = "outbox"
    settings.JOURNAL_FOLDER = tmp_path
    open_shop()


def given(person, reward, once="1", tells=True):
    return grants.give_by_hand(
        person, reward, staff=UserFactory(role="owner", name="Noa"), once=once,
        reason="Patience", tells=tells, now=NOW,
    )  # fmt: skip


def somebody(agrees=False, **more):
    person = CustomerFactory(time_zone="UTC", **more)
    if agrees:
        consent.grant(
            person, categories=[Category.MARKETING], how="preference_page", now=NOW
        )
    return person


def text_of(person):
    return Body.objects.get(message__customer=person).text


def test_nobody_hears_of_it_unless_that_was_ticked():
    given(somebody(), make(), tells=False)

    assert not Message.objects.exists()


def test_the_mail_brings_code_terms_and_last_day_once_and_not_at_once():
    reward = make(life_days=30, words={"en": rewards.Words("Tea", "Not on sets.")})
    dana = somebody(agrees=True)

    grant = given(dana, reward)
    assert given(dana, reward) == grant
    deliver(now=NOW)
    assert Message.objects.get().state == "planned"
    deliver(now=LATER)
    deliver(now=LATER + timedelta(hours=1))

    message = Message.objects.get()
    assert (message.state, message.category, message.customer) == (
        "sent", "marketing", dana,
    )  # fmt: skip
    for words in (grant.code.text, "Tea", "Not on sets.", "Good until 29 December"):
        assert words in text_of(dana)
    assert Grant.objects.get().state == "code_issued"
    assert str(row_of(message, None).kind) == "A reward given by hand"


@pytest.mark.parametrize(
    ("language", "words", "own"),
    [
        ("en", "with our thanks", "A signed letter"),
        ("he", "עם תודה מאיתנו", "מכתב"),
        ("zh-hans", "感谢您的支持", "亲笔"),
        ("zh-hant", "感謝您的支持", "親筆"),
    ],
)
def test_each_reads_it_in_their_language(language, words, own):
    dana = somebody(language=language)

    given(dana, make("Letter", kind="letter", fulfilment="desk"))
    deliver(now=LATER)

    assert Message.objects.get().category == "loyalty"
    assert words in text_of(dana)
    assert own in text_of(dana)


def test_of_an_offer_nobody_is_told_who_did_not_agree_and_it_is_theirs_all_the_same():
    dana = somebody()

    given(dana, make())
    deliver(now=LATER)

    message = Message.objects.get()
    assert (message.state, message.reason_code) == ("suppressed", "no_consent")
    assert Grant.objects.get().state == "code_issued"


def test_what_was_taken_back_in_time_is_not_told():
    grant = given(somebody(agrees=True), make())

    grants.take_back(grant, by=None, now=NOW)
    deliver(now=LATER)

    message = Message.objects.get()
    assert (message.state, message.reason_code) == ("cancelled", "reward_gone")


def test_a_preview_is_in_their_language_with_a_code_that_is_none(client):
    client.force_login(UserFactory(role="owner"))
    dana, reward = somebody(language="he"), make()
    url = f"/rewards/{reward.pk}/mail/he/"
    read(client.get(f"/customers/{dana.pk}/rewards/"), url)

    page = read(
        client.get(url),
        rules.SAMPLE, "10% הנחה",
    )  # fmt: skip

    assert 'dir="rtl"' in page
    assert not Grant.objects.exists()


@pytest.mark.parametrize("ticked", [True, False])
def test_the_page_tells_only_where_it_is_ticked(client, ticked):
    client.force_login(UserFactory(role="owner"))
    dana, reward = somebody(agrees=True), make()
    form = {"reward": reward.pk, "reason": "Patience", "once": "k"}

    client.post(
        f"/customers/{dana.pk}/rewards/", form | ({"tells": "on"} if ticked else {})
    )

    grant = Grant.objects.get()
    found = Message.objects.filter(kind=reward_mails.KIND, why__grant=grant.pk)
    assert found.exists() == ticked
