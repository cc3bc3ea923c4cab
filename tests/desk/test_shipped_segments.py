"""Each shipped segment in the demo, beside a computation of its own in plain Python."""

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection

from crm import segment_people
from crm.models import Customer, Order, Segment
from desk.demo import story
from surveys.models import Response

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
NOW = datetime(2026, 11, 18, 11, tzinfo=UTC)
TODAY = NOW.date()
A_YEAR_AGO = date(2025, 11, 18)


class Known:
    """What the tables say of each customer, read row by row."""

    def __init__(self):
        self.days, self.spent, self.score = defaultdict(list), defaultdict(Decimal), {}
        self.since = {row.pk: row.since_on for row in Customer.objects.live()}
        for order in Order.objects.exclude(state="cancelled"):
            self.spent[order.customer_id, order.currency] += order.total
            if order.nature == "sale":
                self.days[order.customer_id].append(order.ordered_on)
        answers = Response.objects.filter(state="confirmed")
        for answer in answers.order_by("confirmed_at", "pk"):
            self.score[answer.customer_id] = answer.score

    def core(self):
        """The best until they bring four fifths, and whoever brings as much as the
        last of them; currency by currency."""
        found = set()
        for currency in {money for _, money in self.spent}:
            sums = sorted(
                (
                    (total, pk)
                    for (pk, money), total in self.spent.items()
                    if money == currency and total > 0 and pk in self.since
                ),
                reverse=True,
            )
            whole, so_far, least = sum(total for total, _ in sums), Decimal(0), None
            for total, _ in sums:
                if so_far < whole * Decimal("0.8"):
                    so_far, least = so_far + total, total
            found |= {pk for total, pk in sums if least is not None and total >= least}
        return found

    def slipping(self, pk):
        days = self.days[pk]
        if len(days) < 2 or max(days) == min(days) or max(days) < A_YEAR_AGO:
            return False
        usual = Decimal((max(days) - min(days)).days) / (len(days) - 1)
        return (TODAY - max(days)).days >= Decimal("1.5") * usual

    def quiet(self, pk):
        days = self.days[pk]
        return len(days) >= 3 and max(days) >= A_YEAR_AGO and pk not in self.score

    def meant(self, shipped):
        if shipped == "core":
            return self.core()
        days = self.days
        asks = {
            "new": lambda pk: days[pk] and (TODAY - min(days[pk])).days <= 30,
            "lapsed": lambda pk: days[pk] and max(days[pk]) < A_YEAR_AGO,
            "first_day": lambda pk: (
                self.since[pk] and self.since[pk] < date(2021, 11, 18)
            ),
            "slipping": self.slipping,
            "quiet_repeaters": self.quiet,
            "promoters": lambda pk: self.score.get(pk, 0) >= 9,
            "detractors": lambda pk: self.score.get(pk, 9) <= 6,
        }
        return {pk for pk in self.since if asks[shipped](pk)}


def test_each_is_what_python_makes_of_the_rows_and_none_is_empty(monkeypatch):
    monkeypatch.setattr(story, "DAYS", 8)
    call_command("demo", at=NOW, customers=240)
    known, sizes = Known(), {}

    for segment in Segment.objects.exclude(shipped=""):
        query = segment_people.compiled(segment, today=TODAY)
        with connection.cursor() as cursor:
            cursor.execute(query)
            found = {pk for (pk,) in cursor.fetchall()}
        assert found == known.meant(segment.shipped), segment.shipped
        sizes[segment.shipped] = len(found)

    assert len(sizes) == 8
    assert all(0 < size < 240 for size in sizes.values()), sizes
