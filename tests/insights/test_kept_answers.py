"""Answers of slow statements: kept for an hour, then asked again."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from crm.services import personal_data
from insights.models import Definition, KeptAnswer
from insights.selectors.definition import gap_counts
from insights.services import counting, kept_answers
from tests.factories import CustomerFactory, UserFactory
from tests.insights.conftest import NOW, buy
from tests.pages import read

HOUR = timedelta(hours=1)


def test_an_answer_is_kept_for_an_hour_and_says_so(db):
    dana = CustomerFactory()
    buy(dana, date(2026, 1, 5), date(2026, 1, 15))
    assert kept_answers.keep_up(now=NOW, slow=0) == 0  # nobody was counted yet
    counting.keep_up(now=NOW, seconds=30)
    KeptAnswer.objects.create(key="0" * 64, rows=[], counted_at=NOW)

    asked = kept_answers.keep_up(now=NOW, slow=0)

    assert KeptAnswer.objects.count() == asked > 10  # the one that nobody asks is gone
    buy(dana, date(2026, 1, 20))
    counting.process_pending()
    assert gap_counts() == {10: 1}
    # The curve of second orders is of the day of the newest order.
    assert kept_answers.keep_up(now=NOW + HOUR - timedelta(minutes=1), slow=0) == 2
    assert kept_answers.keep_up(now=NOW + HOUR, slow=0) == asked - 2
    assert gap_counts() == {10: 1, 5: 1}

    client = Client()
    client.force_login(UserFactory(role="analyst"))
    page = read(client.get("/insights/cohorts/"))
    assert "counted once an hour, the last time on 3 Mar" in page
    personal_data.erase(dana, now=NOW + HOUR)
    assert not KeptAnswer.objects.exists()


def test_what_is_quick_is_asked_by_each_page(db):
    buy(CustomerFactory(), date(2026, 1, 5), date(2026, 1, 15))
    counting.keep_up(now=NOW, seconds=30)
    kept_answers.keep_up(now=NOW, slow=0)

    assert kept_answers.keep_up(now=NOW + HOUR, slow=60) > 10

    assert not KeptAnswer.objects.exists()
    Definition.objects.update(counted_to=1)
    # All are being counted anew.
    assert kept_answers.keep_up(now=NOW + HOUR, slow=0) == 0
    for wrong in ({"key": "x", "rows": []}, {"key": "0" * 64, "rows": {}}):
        with pytest.raises(IntegrityError), transaction.atomic():
            KeptAnswer.objects.create(**wrong, counted_at=NOW)
