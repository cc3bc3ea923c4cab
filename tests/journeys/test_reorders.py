"""From orders in a file to a reminder, to "later", to the second reminder on its day.

CSV in, beat's tick, a Celery worker on Valkey, a mail taken by an SMTP server, its link
opened and posted over HTTP. What lies days ahead is ticked by hand, at its own time.
"""

import csv
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from crm.models import Customer
from loyalty.services import next_purchases
from messaging.models import Message
from messaging.services import delivery, planning
from tests.committed import committed_rows
from tests.faults.workers import running_site
from tests.journeys.processes import start_beat, start_worker, wait_until
from tests.journeys.reading import paths_in, shown
from tests.journeys.support import open_business, switch_on
from tests.smtp_sink import Sink, running_sink

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

REGULAR, QUICK = "regular@example.org", "quick@example.org"
DAY = timedelta(days=1)
COLUMNS = (
    *("order_id", "customer_id", "ordered_at"),
    *("sku", "product", "quantity", "unit_price", "currency"),
)


@dataclass
class Story:
    today: date
    mails: list[EmailMessage]
    recipients: list[str]
    journal: Path


def write_customers(path: Path) -> None:
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["external_id", "name", "email", "language", "time_zone"])
        rows.writerow(["C-1", "Rosa Blum", REGULAR, "en", "UTC"])
        rows.writerow(["C-2", "Ada Finch", QUICK, "en", "UTC"])


def write_orders(path: Path, bought: list[tuple[str, date]]) -> None:
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for customer, day in bought:
            order = [f"{customer}/{day}", customer, f"{day}T00:00:00Z"]
            rows.writerow([*order, "ETH-1", "Ethiopia 1 kg", 1, "24.00", "EUR"])
            rows.writerow([*order, "SEN-1", "Sencha 100 g", 1, "9.50", "EUR"])


def import_orders(folder: Path, *bought: tuple[str, date]) -> None:
    path = folder / "orders.csv"
    write_orders(path, list(bought))
    call_command("import_orders", str(path))


@pytest.fixture(scope="module")
def story(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any
) -> Iterator[Story]:
    """One is due today and gets it; one is due tomorrow, and buys before that."""
    folder = tmp_path_factory.mktemp("reorders")
    today = timezone.now().date()
    with ExitStack() as stack:
        stack.enter_context(committed_rows(django_db_blocker))
        sink = stack.enter_context(running_sink(folder))
        open_business()
        write_customers(folder / "customers.csv")
        call_command("import_customers", str(folder / "customers.csv"))
        habit = [("C-1", today - ago * DAY) for ago in (93, 62, 31)]
        habit += [("C-2", today - ago * DAY) for ago in (92, 61, 30)]
        import_orders(folder, *habit)
        # Asked when the last order came, as a shop's minute tick does.
        next_purchases.process_pending(now=timezone.now() - 30 * DAY)
        switch_on("reorder", now=timezone.now() - 2 * DAY)
        with running_site(sink) as site:
            start_worker(site)
            start_beat(site)
            wait_until(Message.objects.filter(state="sent").exists, site)
            wait_until(lambda: row(QUICK).state == "planned", site)
            import_orders(folder, ("C-2", today))
            site.end()
            shutil.copytree(site.folder / "journal", folder / "journal")
        yield Story(today, sink.mails, sink.recipients, folder / "journal")


@pytest.fixture(autouse=True)
def journal(story: Story, tmp_path: Path) -> None:
    """Of the site's database: to any other journal it would be a copy, put back."""
    shutil.copytree(story.journal, tmp_path / "journal")


def row(email: str) -> Message:
    rows = Message.objects.filter(customer__email=email)
    return rows.latest("pk") if rows else Message()


def words(mail: EmailMessage) -> str:
    found = mail.get_body(("plain",))
    assert found is not None
    content: str = found.get_content()
    return content


def live(story: Story, sink: Sink, days: range) -> dict[int, list[EmailMessage]]:
    """What beat and worker do at noon of these days from today, and what arrived."""
    arrived: dict[int, list[EmailMessage]] = {}
    for ahead in days:
        now = datetime.combine(story.today, time(12), tzinfo=UTC)
        before = len(sink.mails)
        planning.sweep(now=now + ahead * DAY)
        delivery.deliver(now=now + ahead * DAY)
        if len(sink.mails) > before:
            arrived[ahead] = sink.mails[before:]
    return arrived


def test_who_is_due_got_one_mail_that_lists_everything_due(story):
    assert story.recipients == [REGULAR]
    day = story.today - 31 * DAY
    for product in ("Ethiopia 1 kg", "Sencha 100 g"):
        text = f"You buy {product} about every 31 days, last on {day.day} {day:%B %Y}."
        assert text in words(story.mails[0])


def test_an_order_between_planning_and_sending_cancels_it(story, sink, staff):
    message = row(QUICK)

    assert (message.state, message.reason_code) == ("cancelled", "already_reordered")
    assert live(story, sink, range(0, 5)) == {}
    for url in (f"/customers/{message.customer_id}/", f"/outbox/{message.pk}/"):
        page = shown(staff.get(url))
        assert "Reorder reminder" in page
        assert "Bought again already" in page, url


def test_put_off_by_the_link_it_comes_once_more_on_its_day(story, sink, customer):
    path = paths_in(words(story.mails[0]), "/b/")
    coffee = row(REGULAR).why["products"][0]["id"]

    posted = customer.post(path, {"action": "later", "days": "7", "product": coffee})

    again = story.today + 7 * DAY
    page = shown(customer.get(posted["Location"]))
    assert f"We remind you again on {again.day} {again:%B %Y}" in page
    arrived = live(story, sink, range(0, 15))
    assert list(arrived) == [7]
    (second,) = arrived[7]
    assert REGULAR in str(second["To"])
    assert words(second).count("You asked us to remind you of") == 1
    assert customer.get(paths_in(words(second), "/b/")).status_code == 200


def test_put_off_and_bought_before_that_day_nothing_comes(
    story, sink, customer, tmp_path
):
    path = paths_in(words(story.mails[0]), "/b/")
    for entry in row(REGULAR).why["products"]:
        sent = {"action": "later", "days": "7", "product": entry["id"]}
        customer.post(path, sent)
    import_orders(tmp_path, ("C-1", story.today))

    assert live(story, sink, range(0, 20)) == {}
    assert "You have bought it again" in shown(customer.get(path))


def test_stopped_by_the_link_nothing_comes_at_the_next_due_day(
    story, sink, customer, tmp_path
):
    customer.post(paths_in(words(story.mails[0]), "/b/"), {"action": "refuse-all"})
    import_orders(tmp_path, ("C-1", story.today))

    arrived = live(story, sink, range(20, 45))
    # The other customer is due by then, and gets theirs.
    (mail,) = [mail for mails in arrived.values() for mail in mails]
    assert QUICK in str(mail["To"])


def test_the_staff_page_shows_what_they_regularly_buy(story, staff):
    pk = Customer.objects.get(email=REGULAR).pk

    page = shown(staff.get(f"/customers/{pk}/"))

    assert "Usual products" in page
    assert "Every 31 days" in page
    assert "2 intervals: 31, 31 days" in page
