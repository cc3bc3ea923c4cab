"""Stop means stop: from the header and the foot of a real mail, and back by Undo."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.test import Client

from messaging.models import Message
from messaging.services import delivery, planning
from tests.journeys.people import customer_of, order, years_before
from tests.journeys.reading import paths_in, shown
from tests.journeys.support import open_business, switch_on

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
YEAR = timedelta(days=365)
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def mail_client():
    """Gmail's or a person's: no cookie, and every check of ours switched on."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def dana(sink, time_machine):
    """Thanked by a mail on the day; the clock of the pages stands at NOW."""
    time_machine.move_to(NOW, tick=False)
    open_business()
    switch_on("anniversary", "survey_after_delivery", now=NOW - timedelta(days=2))
    person = customer_of("Dana", "Levi", "en", NOW, since=years_before(NOW.date()))
    tick(NOW)
    assert sink.recipients == [person.email]
    return person


def tick(now):
    """What beat and worker do, at that moment."""
    planning.sweep(now=now)
    delivery.deliver(now=now)


def header_path(mail):
    address = str(mail["List-Unsubscribe"]).strip("<>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return paths_in(address, "/u/")


def footer_path(mail):
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    assert paths_in(text, "/u/") == paths_in(html, "/u/")
    return paths_in(text, "/u/")


def next_year(sink):
    """How many mails go out on the next anniversary, and how its row ended."""
    before = len(sink.accepted)
    tick(NOW + YEAR)
    row = Message.objects.get(kind="anniversary", occurrence=str(NOW.year + 1))
    return len(sink.accepted) - before, row.state, row.reason_code


def test_without_stopping_the_next_year_is_thanked_for_too(sink, dana):
    assert next_year(sink) == (1, "sent", "")


def test_one_click_in_the_mail_program_stops_the_category(sink, dana, mail_client):
    answer = mail_client.post(
        header_path(sink.mails[0]), "List-Unsubscribe=One-Click", content_type=FORM
    )

    assert answer.status_code == 200
    assert next_year(sink) == (0, "suppressed", "opted_out")


def test_one_click_also_comes_as_a_multipart_form(sink, dana, mail_client):
    answer = mail_client.post(
        header_path(sink.mails[0]), {"List-Unsubscribe": "One-Click"}
    )

    assert answer.status_code == 200
    assert next_year(sink) == (0, "suppressed", "opted_out")


def test_looking_at_the_page_stops_nothing(sink, dana, mail_client):
    for path in (header_path(sink.mails[0]), footer_path(sink.mails[0])):
        shown(mail_client.get(path))
        assert mail_client.head(path).status_code == 200

    assert next_year(sink) == (1, "sent", "")


def test_the_button_behind_the_foot_of_the_mail_stops_it(sink, dana, mail_client):
    stopped = press(mail_client, footer_path(sink.mails[0]), "stop")

    assert "Undo" in shown(stopped)
    assert next_year(sink) == (0, "suppressed", "opted_out")


def test_undo_brings_it_back(sink, dana, mail_client):
    stopped = press(mail_client, footer_path(sink.mails[0]), "stop")

    press(mail_client, stopped.request["PATH_INFO"], "undo", stopped)

    assert next_year(sink) == (1, "sent", "")


def test_stopping_one_thing_leaves_the_other(sink, dana, mail_client):
    press(mail_client, footer_path(sink.mails[0]), "stop")
    order(dana, now=NOW, delivered=NOW.date() - timedelta(days=5))

    tick(NOW)

    assert len(sink.accepted) == 2
    assert Message.objects.get(kind="survey_after_delivery").state == "sent"


def test_stop_everything_stops_the_other_too(sink, dana, mail_client):
    press(mail_client, footer_path(sink.mails[0]), "everything")
    order(dana, now=NOW, delivered=NOW.date() - timedelta(days=5))

    tick(NOW)

    assert len(sink.accepted) == 1
    asked = Message.objects.get(kind="survey_after_delivery")
    assert (asked.state, asked.reason_code) == ("suppressed", "opted_out")


def test_what_was_planned_already_does_not_go_any_more(sink, dana, mail_client):
    """Not only what comes later: the row that waits for tomorrow ends at once."""
    order(dana, now=NOW, delivered=NOW.date() - timedelta(days=4))
    planning.sweep(now=NOW)
    waiting = Message.objects.get(kind="survey_after_delivery")
    assert waiting.state == "planned"

    press(mail_client, footer_path(sink.mails[0]), "everything")

    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason_code) == ("suppressed", "opted_out")


def test_the_timeline_shows_staff_that_they_may_not_write(
    sink, dana, mail_client, staff
):
    press(mail_client, footer_path(sink.mails[0]), "stop")

    assert "No, since 21 Nov" in shown(staff.get(f"/customers/{dana.pk}/"))


def press(client, path, choice, page=None):
    """Send the page's own form with that button, and return the text that follows."""
    html = (page or client.get(path)).content.decode()
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html))
    action = unescape(re.search(r'<form[^>]*action="([^"]+)"', html).group(1))
    return client.post(action, fields | {"choice": choice}, follow=True)
