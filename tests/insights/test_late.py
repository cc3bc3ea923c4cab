"""What changes after it was shown: numbers gained, sources, signals, repeat rate."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from crm.models import Customer
from crm.services import personal_data
from insights.models import Definition, Published
from insights.services import counting, publishing
from support.models import Conversation, Mail
from tests.committed import uncommitted_rows
from tests.factories import CustomerFactory, ReviewFactory, UserFactory
from tests.insights.conftest import NOW, buy
from tests.pages import read

pytestmark = pytest.mark.django_db

IN_IT = datetime(2025, 11, 5, 12, tzinfo=UTC)
SIGNALS, WHERE_FROM = "/insights/signals/", "/insights/where-from/?unit=quarter"
ORDER = "1 order of that time came in later."
WORDS = "Reviews and conversations of that time may have been changed"


@pytest.fixture(scope="module")
def shop(django_db_setup, django_db_blocker):
    """Forty bought in three quarters a year apart, five of them a tea that was new in
    the last; fifteen came in that, ten by a friend. What was said is kept."""
    with uncommitted_rows(django_db_blocker):
        old = CustomerFactory.create_batch(40)
        for one in old:
            buy(one, date(2023, 11, 5), date(2024, 11, 5), date(2025, 11, 5))
        for one in old[:5]:
            buy(one, date(2025, 11, 7), sku="TEA")
        buy(old[0], date(2026, 3, 2))
        buy(old[0], date(2025, 12, 1), quantity=-1, order_id="back")
        for source in (*["A friend"] * 10, *["Fair"] * 5):
            buy(CustomerFactory(heard_from=source), date(2025, 11, 6))
        ReviewFactory(request__order__customer=old[0], stars=1, written_at=IN_IT)
        wrote(old[0], "praise")
        wrote(old[0], "complaint")
        counting.count_all()
        publishing.publish(Definition.objects.get(), now=NOW)
        yield old


def wrote(customer, kind):
    began = Conversation.objects.create(
        customer=customer, kind=kind, opened_at=IN_IT, last_mail_at=IN_IT
    )
    Mail.objects.create(
        conversation=began, customer=customer, direction="in", at=IN_IT,
        stored_at=IN_IT, fingerprint=f"{began.pk:064x}",
    )  # fmt: skip


def somebody_new(_old):
    buy(CustomerFactory(heard_from="A friend"), date(2025, 11, 20))


def somebody_back(_old):
    person = CustomerFactory()
    buy(person, date(2024, 3, 3))
    buy(person, date(2025, 11, 20))


def a_return(old):
    buy(old[3], date(2025, 12, 2), quantity=-1, order_id="late")


def a_tea(old):
    buy(old[9], date(2025, 11, 21), sku="TEA")


def a_review(old):
    ReviewFactory(request__order__customer=old[1], stars=5, written_at=IN_IT)


CHANGES = {
    "referred": (
        *(SIGNALS, somebody_new, "Came by recommendation, Q4 2025"),
        *("(10 of 15)", "(11 of 16)", ORDER),
    ),
    "refunds": (
        *(SIGNALS, a_return, "Gave something back, Q4 2025"),
        *("1.8 % (1 of 55)", "3.6 % (2 of 55)", ORDER),
    ),
    "novelty": (
        *(SIGNALS, a_tea, "Took to something new, Q4 2025"),
        *("12 % (5 of 40)", "15 % (6 of 40)", ORDER),
    ),
    "repeat": (
        *(SIGNALS, somebody_new, "Repeat orders, Q4 2025"),
        *("73 % (40 of 55)", "71 % (40 of 56)", ORDER),
    ),
    "reviews": (
        *(SIGNALS, a_review, "Reputation: four or five stars, Q4 2025"),
        *("(0 of 1)", "(1 of 2)", WORDS),
    ),
    "shown": (
        *(SIGNALS, a_review, "Good reviews with a name to show, Q4 2025"),
        *("(0 of 1)", "(1 of 2)", WORDS),
    ),
    "praise": (
        *(SIGNALS, lambda old: wrote(old[1], "praise"), "Praised us unasked, Q4 2025"),
        *("1.8 % (1 of 55)", "3.6 % (2 of 55)", WORDS),
    ),
    "complaints": (
        SIGNALS,
        lambda old: wrote(old[1], "complaint"),
        "Stayed after a complaint, Q4 2025",
        *("(1 of 1)", "(2 of 2)", WORDS),
    ),
    "new": (
        *("/insights/retention/?unit=quarter", somebody_new),
        *("Came for the first time, Q4 2025", "15", "16", ORDER),
    ),
    "back": (
        *("/insights/", somebody_back, "Came back, Q4 2025"),
        *("0", "1", "2 orders of that time came in later."),
    ),
    "gained where from": (
        *(f"{WHERE_FROM}&at=2025-10-01", somebody_new),
        *("Came for the first time, Q4 2025", "15", "16", ORDER),
    ),
    "source": (
        *(f"{WHERE_FROM}&at=2025-10-01", somebody_new),
        *("Came for the first time, A friend, Q4 2025", "10", "11", ORDER),
    ),
    "repeat rate": (
        *("/insights/cohorts/", somebody_new, "Repeat rate at the end of Q4 2025"),
        *("73 % (40 of 55)", "71 % (40 of 56)", ORDER),
    ),
    "repeat rate, first page": (
        *("/insights/", somebody_new, "Repeat rate at the end of Q4 2025"),
        *("73 % (40 of 55)", "71 % (40 of 56)", ORDER),
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_changed_late_says_by_how_much_and_why(shop, client, what):
    page, change, label, was, now, why = CHANGES[what]
    client.force_login(UserFactory(role="owner"))
    assert "on 3 Mar 2026 this was" not in read(client.get(page))

    change(shop)
    counting.process_pending()

    said = read(client.get(page)).replace("\N{NO-BREAK SPACE}", " ")
    [line] = [one for one in said.split("<p>") if one.startswith(f"{label}: ")]
    before, after = line.removesuffix(".</p>").split("; now it is ")
    assert before.startswith(f"{label}: on 3 Mar 2026 this was ")
    assert before.endswith(was)
    assert now in after
    assert why in said


def test_a_quarter_that_is_compared_says_so_too(shop, client):
    client.force_login(UserFactory(role="owner"))
    page = "/insights/signals/?at=2024-10-01&than=2025-10-01"
    buy(shop[0], date(2024, 11, 9), order_id="late-return", quantity=-1)
    counting.process_pending()

    said = read(client.get(page)).replace("\N{NO-BREAK SPACE}", " ")

    assert "Gave something back, Q4 2024: on 3 Mar 2026 this was 0" in said


def test_what_one_person_wrote_of_how_they_heard_of_us_goes_with_them(shop):
    person = CustomerFactory(heard_from="My aunt Dana")
    buy(person, date(2025, 11, 8))
    friend = Customer.objects.filter(heard_from="A friend").first()
    counting.process_pending()
    publishing.publish(Definition.objects.get(), now=NOW)
    kept = Published.objects.filter(figure="source")
    assert kept.filter(part="My aunt Dana").exists()

    for one in (person, friend):
        personal_data.erase(one, now=NOW)

    assert not kept.filter(part="My aunt Dana").exists()
    assert kept.filter(part="A friend").exists()


def test_numbers_of_people_have_no_base_and_shares_have_one(shop):
    kept = Published.objects.filter(figure="gained", part="new", unit="quarter")
    assert kept.get(starts_on=date(2025, 10, 1)).count == 15
    for wrong in ({"figure": "repeat"}, {"base": 1, "figure": "signal"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            kept.update(**wrong)
