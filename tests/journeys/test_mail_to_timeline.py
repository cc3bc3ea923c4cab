"""From a file of orders to a line on the timeline, over every real part between them.

CSV in, beat's tick, a Celery worker on Valkey, a mail taken by an SMTP server, its link
opened and posted over HTTP, the answer on the customer's page.
"""

import csv
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from crm.models import Customer, FollowUp, Heartbeat, Order
from messaging.models import Message
from surveys.models import Response
from tests.committed import committed_rows
from tests.faults.workers import running_site
from tests.journeys.people import years_before
from tests.journeys.processes import start_beat, start_worker, wait_until
from tests.journeys.reading import paths_in, shown, urls_in
from tests.journeys.support import KINDS, open_business, switch_on
from tests.pages import tight
from tests.smtp_sink import running_sink

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ASKED, REVIEWER, THANKED = "ask@example.org", "review@example.org", "six@example.org"

COLUMNS = (
    *("order_id", "customer_id", "ordered_at", "delivered_at"),
    *("sku", "product", "quantity", "unit_price", "currency"),
)


@dataclass
class Story:
    """Mails as they arrived, by recipient."""

    mails: dict[str, EmailMessage]

    def path(self, to: str, prefix: str) -> str:
        """The link of this mail, the same in its text and in its HTML."""
        text = self.words(to, "plain")
        assert paths_in(text, prefix) == paths_in(self.words(to, "html"), prefix)
        return paths_in(text, prefix)

    def words(self, to: str, part: str) -> str:
        found = self.mails[to].get_body((part,))
        assert found is not None
        content: str = found.get_content()
        return content


# --- CSV in --------------------------------------------------------------------------


def write_files(folder: Any) -> None:
    today = timezone.now().date()
    since = years_before(today)
    arrived = {"C-1": today - timedelta(days=5), "C-2": today - timedelta(days=14)}
    with (folder / "customers.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            ["external_id", "name", "email", "language", "time_zone", "customer_since"]
        )
        rows.writerow(["C-1", "Dana Levi", ASKED, "he", "UTC", ""])
        rows.writerow(["C-2", "Ben Ode", REVIEWER, "en", "UTC", ""])
        rows.writerow(["C-3", "Anna Roth", THANKED, "en", "UTC", since])
        rows.writerow(["C-4", "Nobody Due", "quiet@example.org", "en", "UTC", ""])
    with (folder / "orders.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for number, (customer, day) in enumerate(arrived.items(), start=10493):
            placed = day - timedelta(days=2)
            line = [number, customer, f"{placed}T10:00:00Z", f"{day}T10:00:00Z"]
            rows.writerow([*line, "ETH-1", "Ethiopia 1 kg", 1, "24.00", "EUR"])
            rows.writerow([*line, "SEN-1", "Sencha 100 g", 2, "9.50", "EUR"])


@pytest.fixture(scope="module")
def story(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any
) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("story")
    write_files(folder)
    with ExitStack() as stack:
        stack.enter_context(committed_rows(django_db_blocker))
        sink = stack.enter_context(running_sink(folder))
        open_business()
        people, orders = folder / "customers.csv", folder / "orders.csv"
        call_command("import_customers", str(people), ground="They asked")
        call_command("import_orders", str(orders))
        switch_on(*KINDS, now=timezone.now() - timedelta(days=2))
        with running_site(sink) as site:
            start_worker(site)
            start_beat(site)
            wait_until(lambda: len(sink.accepted) >= 3, site)
            wait_until(lambda: Message.objects.filter(state="sent").count() >= 3, site)
            wait_until(Heartbeat.objects.exists, site)
        yield Story(dict(zip(sink.recipients, sink.mails, strict=True)))


def page_of(staff: Client, email: str) -> str:
    pk = Customer.objects.get(email=email).pk
    return staff.get(f"/customers/{pk}/").content.decode()


def row(email: str) -> Message:
    return Message.objects.get(customer__email=email, state="sent")


# --- The mails -----------------------------------------------------------------------


def test_each_of_the_three_got_one_mail_and_no_one_else_any(story):
    assert sorted(story.mails) == sorted([ASKED, REVIEWER, THANKED])
    assert Message.objects.filter(state="sent").count() == 3


def test_the_orders_of_the_file_are_on_the_page(story, staff):
    assert Order.objects.count() == 2
    assert "10493" in page_of(staff, ASKED)


def test_the_survey_mail_speaks_the_customers_language(story):
    mail = story.mails[ASKED]

    assert 'dir="rtl"' in story.words(ASKED, "html")
    assert re.search("[א-ת]", str(mail["Subject"]))
    assert "10493" in story.words(ASKED, "plain")


def test_every_score_in_the_mail_leads_to_the_same_page(story):
    path = story.path(ASKED, "/s/")

    scores = {url for url in urls_in(story.words(ASKED, "html")) if "score=" in url}
    assert {url.partition(path)[2] for url in scores} == {
        f"?score={score}" for score in range(11)
    }


# --- A survey, from the mail to Today ------------------------------------------------


def test_a_low_score_reaches_the_timeline_and_today(story, staff, customer):
    path = story.path(ASKED, "/s/")
    assert 'value="2" checked' in tight(
        customer.get(f"{path}?score=2").content.decode()
    )

    posted = customer.post(path, {"score": "2", "comment": "השקית הגיעה פתוחה"})

    assert posted.status_code == 302
    assert customer.get(posted["Location"]).status_code == 200
    page = page_of(staff, ASKED)
    assert "Answered 2 of 10" in page
    assert "השקית הגיעה פתוחה" in page
    today = shown(staff.get("/"))
    assert "Dana Levi" in today
    assert "Scored 2 of 10 after order 10493: השקית הגיעה פתוחה" in today
    assert FollowUp.objects.get().customer.email == ASKED


def test_a_high_score_asks_nothing_of_staff(story, staff, customer):
    customer.post(story.path(ASKED, "/s/"), {"score": "10", "comment": ""})

    assert "Answered 10 of 10" in page_of(staff, ASKED)
    assert not FollowUp.objects.exists()


def test_opening_the_link_with_a_score_is_no_answer(story, staff, customer):
    for score in range(11):
        customer.get(story.path(ASKED, "/s/"), {"score": score})

    assert not Response.objects.exists()


def test_the_timeline_shows_the_mail_too(story, staff):
    page = page_of(staff, ASKED)

    assert f'id="message-{row(ASKED).pk}"' in page


# --- A review, from the mail to the public page --------------------------------------


def test_a_review_waits_for_staff_and_then_stands_in_public(story, staff, customer):
    path = story.path(REVIEWER, "/r/")
    assert "Ethiopia 1 kg" in customer.get(path).content.decode()

    customer.post(
        path, {"stars": "4", "body": "Bright and clean.", "name_shown": "Ben"}
    )

    assert "Bright and clean." not in public_reviews()
    held = staff.get("/reviews/").content.decode()
    assert "Bright and clean." in held
    (action,) = set(re.findall(r"/reviews/\d+/publish/", held))
    version = re.search(r'name="version"[^>]*value="(\d+)"', held).group(1)
    staff.post(action, {"version": version})
    assert "Bright and clean." in public_reviews()
    assert "Review: 4 of 5 stars" in page_of(staff, REVIEWER)


def test_a_withdrawn_review_is_gone_at_once(story, staff, customer):
    path = story.path(REVIEWER, "/r/")
    customer.post(path, {"stars": "5", "body": "Lovely.", "name_shown": ""})
    held = staff.get("/reviews/").content.decode()
    action = re.search(r"/reviews/\d+/publish/", held).group()
    staff.post(action, {"version": "1"})
    assert "Lovely." in public_reviews()

    customer.post(f"{path}withdraw/")

    assert "Lovely." not in public_reviews()


def public_reviews() -> str:
    return Client().get("/public/reviews/").content.decode()


# --- An anniversary, and why ---------------------------------------------------------


def test_the_anniversary_mail_shows_the_years_and_asks_for_nothing(story):
    text = story.words(THANKED, "plain")

    assert "4 years" in text
    assert not {url for url in urls_in(text) if "/s/" in url or "/r/" in url}


def test_why_shows_the_reason_of_the_anniversary(story, staff):
    message = row(THANKED)

    for url in (f"/outbox/{message.pk}/", f"/messages/{message.pk}/why/"):
        page = staff.get(url).content.decode()
        assert "Customer for 4 years on" in page, url


# --- What came with the mail ---------------------------------------------------------


def test_stored_mails_hold_no_link_that_staff_could_answer_with(story, staff):
    """With a real transport the links are blanked before the mail is kept."""
    shown = staff.get(f"/outbox/{row(ASKED).pk}/mail/").content.decode()

    assert story.path(ASKED, "/s/") not in shown


def test_beat_and_worker_are_seen_alive_by_a_real_round_trip(story):
    assert {"beat", "worker"} <= set(Heartbeat.objects.values_list("pk", flat=True))
