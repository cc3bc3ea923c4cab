"""A person's mail is out within 15 seconds, ten of which it can be taken back, also
while workers are busy with 10,000 mails of a campaign.

script/test tests/faults/test_replies_in_a_campaign.py -s
"""

import time
from datetime import timedelta

import pytest
from celery import current_app
from django.utils import timezone

from crm.models import Business
from messaging.models import Message
from support.services import drafts, writing
from tests.factories import CustomerFactory, MessageFactory, UserFactory
from tests.faults.mails import PATIENCE, wait_until
from tests.faults.workers import running_site

# Longer than .ci/run has; not one of its pipeline.
pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]

CAMPAIGN = 10_000
REPLIES = 5
OUT_WITHIN = 15.0


def plan_a_campaign() -> None:
    now = timezone.now()
    Business.objects.update(quiet_from=0, quiet_until=0)
    customers = type(CustomerFactory.build()).objects.bulk_create(
        CustomerFactory.build(email=f"c{number}@example.org")
        for number in range(CAMPAIGN)
    )
    Message.objects.bulk_create(
        MessageFactory.build(
            kind="plain", customer=customer, occurrence="once", priority=60,
            not_before=now - timedelta(minutes=1),
        )
        for customer in customers
    )  # fmt: skip


def written(author, address):
    """As the page keeps it, before Send is pressed."""
    now = timezone.now()
    draft = drafts.begin(author=author, now=now)
    typed = {"to": address, "subject": "Your parcel", "text": "It left today."}
    return drafts.keep(draft, version=draft.version, now=now, **typed)


def test_a_reply_is_out_within_15_seconds_while_a_campaign_goes(sink, monkeypatch):
    # So that a quick machine is not done with it before.
    sink.delay = 0.02
    plan_a_campaign()
    author, took = UserFactory(name="Noa"), []
    with running_site(sink) as site:
        monkeypatch.setattr(current_app.conf, "broker_write_url", site.redis_url)
        site.start_worker()
        # A pass starts the next one: both processes are busy from here on.
        site.ring()
        site.ring()
        wait_until(lambda: len(sink.accepted) >= 100, PATIENCE)

        for number in range(REPLIES):
            address = f"reply{number}@example.net"
            draft = written(author, address)
            pressed = time.monotonic()
            writing.send(draft, now=timezone.now())
            wait_until(lambda to=address: to in sink.recipients, PATIENCE)
            took.append(time.monotonic() - pressed)
            # It tells something only while a campaign is still going.
            assert Message.objects.filter(kind="plain", state="planned").exists()

    gone = len(sink.accepted) - REPLIES
    print(f"out after {[round(one, 1) for one in took]} s; {gone} beside")  # noqa: T201
    assert min(took) >= writing.WAIT.total_seconds()
    assert max(took) <= OUT_WITHIN
