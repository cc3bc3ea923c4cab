"""Two beats are as good as one."""

import time
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.models import Message
from tests.committed import committed_rows
from tests.faults.workers import running_site
from tests.journeys.people import customer_of, years_before
from tests.journeys.processes import start_beat, start_worker, wait_until
from tests.journeys.support import open_business, switch_on
from tests.smtp_sink import running_sink

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(scope="module")
def two_beats(django_db_setup, django_db_blocker, tmp_path_factory):
    """Twelve are due, one worker works, two beats tick twice a second each."""
    folder = tmp_path_factory.mktemp("beats")
    with committed_rows(django_db_blocker), running_sink(folder) as sink:
        now = timezone.now()
        open_business()
        switch_on("anniversary", now=now - timedelta(days=2))
        for number in range(12):
            customer_of(f"c{number}", "", "en", now, since=years_before(now.date()))
        with running_site(sink) as site:
            start_worker(site)
            start_beat(site)
            start_beat(site)
            wait_until(lambda: len(sink.accepted) >= 12, site)
            # Long enough for some more ticks of both.
            time.sleep(3)
            yield sink, site


def test_two_beats_send_what_one_would(two_beats):
    sink, _ = two_beats

    due = {message.customer.email for message in Message.objects.all()}
    assert len(due) == 12
    assert Counter(sink.recipients) == Counter(due)
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}


def test_both_beats_really_ticked(two_beats):
    _, site = two_beats

    for log in site.folder.glob("beat-*.log"):
        assert log.read_text().count("Sending due task plan ") >= 4
    assert len(list(site.folder.glob("beat-*.log"))) == 2
