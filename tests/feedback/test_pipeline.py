"""From an order to a public review: planned, mailed, written and published."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from crm.models import FollowUp
from feedback.models import Review
from messaging.models import Automation, Body
from messaging.services import automations, planning
from messaging.services.delivery import deliver
from tests.factories import OrderFactory, OrderLineFactory, UserFactory


@pytest.mark.django_db(transaction=True)
def test_a_mail_leads_to_a_review_that_everybody_reads(client):
    now = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)
    automations.ensure_automations()
    automation = Automation.objects.get(kind="review_request")
    automations.switch_on(automation, now=now - timedelta(days=30))
    order = OrderFactory(
        ordered_at=now - timedelta(days=20),
        delivered_on=(now - timedelta(days=14)).date(),
    )
    OrderLineFactory(order=order)

    planning.sweep(now=now, kinds=["review_request"])
    deliver(now=now)
    mail = Body.objects.get()
    path = re.search(r"/r/[A-Za-z0-9_-]{32}/", mail.text)[0]
    client.post(path, {"stars": "2", "body": "The bag was torn", "name_shown": "Dana"})

    review = Review.objects.get()
    assert FollowUp.objects.get().source_key == f"review:{review.pk}"
    assert "?stars=5" in mail.html

    client.force_login(UserFactory(role="manager"))
    client.post(f"/reviews/{review.pk}/publish/", {"version": review.version})
    client.logout()
    assert "The bag was torn" in client.get("/public/reviews/").content.decode()
