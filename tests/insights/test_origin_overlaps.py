"""How somebody found us, by the record, surveys and codes: where they agree, and where
nobody knows."""

from datetime import date
from decimal import Decimal

import pytest

from crm.models import Order
from insights.choices import Basis
from insights.metrics.periods import Period
from insights.metrics.referrals import Told, told
from insights.selectors.asked import Asked
from insights.selectors.overlaps import overlaps
from insights.services import counting
from loyalty.models import Code, Grant, Redemption, Reward
from surveys.models import Answer, Response, Survey, SurveyVersion
from tests.factories import CustomerFactory, UserFactory
from tests.insights.conftest import NOW, buy

CONTENT = {
    "questions": [
        {"key": "score", "kind": "score", "scale": "nps"},
        {
            "key": "heard",
            "kind": "source",
            "choices": [
                {"key": "a", "texts": {"en": "A friend"}},
                {"key": "b", "texts": {"en": "Search ads"}},
            ],
            "has_other": True,
        },
    ]
}


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        (("yes", "", ""), Told.SURE),
        (("yes", "yes", "yes"), Told.SURE),
        (("no", "", "yes"), Told.DISPUTED),
        (("", "no", ""), Told.OTHER),
        (("", "", ""), Told.UNKNOWN),
    ],
)
def test_what_all_say_together(says, expected):
    assert told(says) is expected


@pytest.fixture
def survey(db):
    survey = Survey.objects.create(name="New here", kind="own")
    survey.live_version = SurveyVersion.objects.create(
        survey=survey, number=1, state="published", content=CONTENT, made_at=NOW,
        published_at=NOW,
    )  # fmt: skip
    survey.state = "live"
    survey.save()
    return survey


def came(source=""):
    person = CustomerFactory(heard_from=source)
    buy(person, date(2025, 5, 1))
    return person


def said(survey, person, *choices, text="", **more):
    response = Response.objects.create(
        survey=survey, survey_version=survey.live_version, customer=person,
        channel="import", state="confirmed", first_at=NOW, confirmed_at=NOW,
        changeable_until=NOW, **more,
    )  # fmt: skip
    Answer.objects.create(
        response=response, question="heard", kind="source", choices=list(choices),
        text=text,
    )  # fmt: skip


def used(giver, user):
    """A code that was given to one and used by the other."""
    reward = Reward.objects.create(
        name=f"For {giver.pk}", kind="sample", fulfilment="code", currency="EUR",
        created_at=NOW,
    )  # fmt: skip
    grant = Grant.objects.create(
        customer=giver, reward=reward, state="done", source="automation",
        source_key="anniversary:2025:1", granted_at=NOW, currency="EUR", year=2025,
        ended_at=NOW,
    )  # fmt: skip
    code = Code.objects.create(
        reward=reward, text="ABCD", key=f"ABCD{user.pk}", grant=grant, added_at=NOW
    )
    Redemption.objects.create(
        code=code, order_key=Order.objects.get(customer=user).external_id,
        state="redeemed", made_at=NOW, redeemed_at=NOW, via="till",
    )  # fmt: skip


def test_each_is_asked_and_the_rest_stays_unexplained(survey, client):
    agrees, contradicted, coded, own, other, _silent, secret = (
        came(source) for source in ("A friend", "Fair", "", "", "Fair", "", "")
    )
    said(survey, agrees, "a")
    said(survey, contradicted, "other", text="my COLLEAGUE told me")
    said(survey, other, "b")
    said(survey, secret, "a", is_confidential=True)
    used(agrees, coded)
    used(own, own)
    counting.count_all()
    asked = Asked(Basis.ORDERS, Period(date(2025, 1, 1), date(2026, 1, 1), "year"))
    today = date(2026, 3, 3)

    found = overlaps(asked, today=today)

    assert found.people == {
        Told.SURE: 2,
        Told.DISPUTED: 1,
        Told.OTHER: 1,
        Told.UNKNOWN: 3,
    }
    ways = {way.name: (way.said, way.other, way.silent) for way in found.ways}
    assert ways == {"record": (1, 2, 4), "survey": (2, 1, 4), "code": (1, 0, 6)}
    assert found.both == 1
    assert (found.share.low, found.share.high) == pytest.approx((2 / 7, 6 / 7))
    assert found.revenue["EUR"][Told.UNKNOWN] == Decimal(27)
    assert found.shares_of_revenue["EUR"].low == pytest.approx(2 / 7)
    client.force_login(UserFactory(role="analyst"))
    page = client.get("/insights/where-from/?unit=year&at=2025-01-01").content.decode()
    assert "With what surveys and codes say, too" in page
    assert "of 3 nothing is known: the unexplained rest." in " ".join(page.split())
