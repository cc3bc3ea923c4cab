"""People who agreed to marketing, and a campaign to them that may go."""

from datetime import UTC, date, datetime, timedelta

from loyalty.models import Campaign
from loyalty.services import campaigns
from messaging import kinds
from messaging.models import Consent, Message
from messaging.services import automation_rows, planning, wordings
from tests.factories import CustomerFactory

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TOMORROW = date(2026, 11, 22)
# When the mail of TOMORROW goes to people in UTC.
NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)
WORDS = {"subject": "A good year", "text": "We wish you a good year, {first_name}."}


def readers(count, **more):
    """People who get marketing."""
    people = [CustomerFactory(**more) for _ in range(count)]
    Consent.objects.bulk_create(
        Consent(
            customer=one,
            category="marketing",
            granted=True,
            at=NOW - timedelta(days=30),
            how="form",
            source_text="At the counter",
        )
        for one in people
    )
    return people


def campaign_of(audience="", on=TOMORROW, name="New Year", now=NOW, **settings):
    """One with its day and its words."""
    row = automation_rows.create(kinds.get("campaign"), name=name, now=now)
    for field, value in {"audience": audience, **settings}.items():
        setattr(row, field, value)
    row.save()
    wordings.save_wording(row, language="en", fields=WORDS, now=now)
    return campaigns.set_day(Campaign.objects.get(pk=row.pk), on=on, now=now)


def sweep(now=NOW):
    return planning.sweep(now=now, kinds=["campaign"])["campaign"]


def ends(campaign):
    """customer id to (state, reason), of messages that are not superseded."""
    rows = Message.objects.filter(automation=campaign.pk).exclude(state="superseded")
    return {row.customer_id: (row.state, row.reason_code) for row in rows}
