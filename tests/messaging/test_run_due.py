"""The command and the task that sweep, and many sweepers at once."""

import json
import threading
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from messaging import tasks
from messaging.models import Automation, Message
from messaging.services import planning
from tests.factories import AutomationFactory, CustomerFactory

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def run(*arguments):
    out = StringIO()
    call_command("run_due", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def automation(db, small_kind):
    Automation.objects.update(is_on=False)
    return AutomationFactory()


def test_counts_per_kind_as_one_json_line(automation):
    CustomerFactory(since_on=date(2026, 11, 22))

    output = json.loads(run("--at", "2026-11-21T12:00+00:00", "--json"))

    assert output == {
        "at": "2026-11-21T12:00:00+00:00",
        "dry_run": False,
        "kinds": {"test_kind": {"planned": 1, "expired": 0}},
        "planned": 1,
        "expired": 0,
        "failed": 0,
    }


def test_a_dry_run_shows_the_same_and_writes_nothing(automation):
    CustomerFactory(since_on=date(2026, 11, 22))

    text = run("test_kind", "--at", "2026-11-21T12:00Z", "--dry-run")

    assert text == "test_kind: 1 planned, 0 expired\n"
    assert not Message.objects.exists()


def test_a_dry_run_before_the_switching_on_shows_why_nothing_came(automation):
    text = run("--at", "2011-12-05")

    assert "test_kind: switched on later than that, at 2026-10-22 12:00 UTC" in text


@pytest.mark.parametrize(
    "arguments", [["no_such_kind"], ["--at", "tomorrow"], ["--at", "2026-02-30"]]
)
def test_a_wrong_argument_is_named(automation, arguments):
    with pytest.raises(CommandError):
        run(*arguments)


def test_a_kind_that_fails_makes_the_command_fail(automation, small_kind, monkeypatch):
    monkeypatch.setattr(small_kind, "refresh", lambda *_: 1 / 0)

    with pytest.raises(CommandError, match="failed"):
        run("--at", "2026-11-21T12:00Z")


def test_the_shell_switches_an_automation_on_as_of_an_earlier_day(automation):
    CustomerFactory(since_on=date(2011, 12, 5))
    call_command("automation", "test_kind", "off", stdout=StringIO())

    out = StringIO()
    call_command("automation", "test_kind", "on", "--at", "2011-12-01", stdout=out)
    run("--at", "2011-12-04T12:00Z")

    assert "test_kind: on since 2011-12-01 00:00 UTC" in out.getvalue()
    assert [m.due_on for m in Message.objects.all()] == [date(2011, 12, 5)]


def test_the_task_run_twice_is_once(automation):
    CustomerFactory(since_on=datetime.now(UTC).date())

    counts = [tasks.sweep_due(), tasks.sweep_due()]

    assert counts[1] == 0
    assert Message.objects.count() == counts[0]


@pytest.mark.django_db(transaction=True)
def test_eight_sweepers_at_once_plan_everybody_once(small_kind):
    Automation.objects.update(is_on=False)
    AutomationFactory()
    for day in range(40):
        CustomerFactory(since_on=date(2026, 11, 21) + timedelta(days=day % 2))
    start, found = threading.Barrier(8), []

    def sweeper():
        start.wait()
        found.append(planning.sweep(now=NOW)["test_kind"])
        connection.close()

    threads = [threading.Thread(target=sweeper) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(count["planned"] for count in found) == 40
    assert Message.objects.count() == 40
    assert not any(count.get("failed") for count in found)
