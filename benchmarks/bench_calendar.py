"""The forecast of 60 days with everything on, and the pages that read what is kept.

    script/bench calendar [--customers 100000] [--full]

The shop of `script/bench sweep`, with every kind switched on, the feasts and the series
too. The forecast is worked out whole, as after a change, then once more over what is
kept; the calendar, the list of automations and the page of one are then asked over HTTP
at the moment of the forecast. `--full`: 1,000,000 customers. Targets: under 10 s for
the forecast there, and p95 of at most 50 ms for each page.
"""

import argparse
from datetime import timedelta
from statistics import median

import time_machine
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum
from django.test import Client

from benchmarks.database import own_database
from benchmarks.plans import Took, took
from benchmarks.sweep_shop import BEFORE, NOW, bring_up_to_date, fill
from crm.models import User
from messaging import kinds
from messaging.models import Automation, Forecast, ForecastDay, ForecastMark
from messaging.services import automation_rows, automations, forecast, planning

MOST_SECONDS, MOST_PAGE = 10, 50
# They are started from pages of their own.
CAMPAIGNS = {"campaign", "survey_campaign"}
ROUNDS, PAGES_ASKED = 3, 60


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="script/bench calendar")
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args(arguments)
    customers = 1_000_000 if options.full else options.customers
    with own_database("calendar"):
        fill(customers, customers)
        switch_on_the_others()
        bring_up_to_date()
        planning.sweep(now=NOW)
        count_rows()
        look_ahead()
        with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
            open_pages()
    return 0


def switch_on_the_others() -> None:
    """Those that staff make from the gallery."""
    there = set(Automation.objects.values_list("kind", flat=True))
    for kind in kinds.swept_kinds():
        if kind.name not in there and kind.name not in CAMPAIGNS:
            automations.switch_on(automation_rows.create(kind, now=BEFORE), now=BEFORE)


def count_rows() -> None:
    """What the server does by itself a minute after a sweep of that size. Without it
    plans rest on a table without mails, and a forecast took twice as long."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def look_ahead() -> None:
    whole = [timed_forecast(again=False) for _ in range(ROUNDS)]
    hourly = [timed_forecast(again=True) for _ in range(ROUNDS)]
    kept = Forecast.objects.get(automation=None)
    mails = ForecastDay.objects.filter(forecast=kept).aggregate(all=Sum("mails"))["all"]
    on = Automation.objects.filter(is_on=True).count()
    print(
        f"forecast of {on} automations, {mails:,} mails"
        f" (target {MOST_SECONDS} s at 1,000,000 customers)"
    )
    for name, spent in (("whole", whole), ("again, nothing changed", hourly)):
        clock = " ".join(f"{one.clock:.2f}" for one in spent)
        busy = median(one.processor for one in spent)
        print(f"  {name}: {clock} s, of the processor {busy:.2f} s in the middle")


def timed_forecast(*, again: bool) -> Took:
    def work() -> None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = 0")
            forecast.work_out(None, now=NOW, again=again)
            # As its task does: pages then read what is kept.
            ForecastMark.objects.all().delete()

    [spent] = took(work, times=1)
    return spent


def open_pages() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "ANALYZE messaging_forecastday, messaging_forecastmail,"
            " messaging_forecastperson"
        )
    client = Client(headers={"host": settings.ALLOWED_HOSTS[0]})
    client.force_login(
        User.objects.create(email="bench@shop.example", name="Bench", role="owner")
    )
    series = Automation.objects.get(kind="welcome")
    busiest = Automation.objects.get(kind="reorder")
    print(f"\npages (target p95 {MOST_PAGE} ms), of {PAGES_ASKED}")
    for path in (
        "/calendar/",
        "/automations/",
        f"/automations/{series.pk}/",
        f"/automations/people/?automation={busiest.pk}&decision=goes",
    ):
        tell(client, path)


def tell(client: Client, path: str) -> None:
    def ask() -> None:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)

    spent = took(ask, times=PAGES_ASKED, warm_up=1)
    clock, late = _middle_and_late([one.clock for one in spent])
    busy, busiest = _middle_and_late([one.processor for one in spent])
    missed = "" if late <= MOST_PAGE else "  missed"
    print(
        f"{path.partition('?')[0]:<24} median {clock:6.1f} ms, p95 {late:6.1f} ms"
        f" (of the processor {busy:.1f}, {busiest:.1f}){missed}",
        flush=True,
    )


def _middle_and_late(spent: list[float]) -> tuple[float, float]:
    """The median and the 95th of 100, in milliseconds."""
    return 1000 * median(spent), 1000 * sorted(spent)[int(0.95 * len(spent))]
