"""F10 to F13: the database stops, drops us, waits for somebody, or is full.

Every visitor gets a page and no traceback, nothing is half done, and all recovers by
itself.
"""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import psycopg
import pytest

from tests.faults.mails import LONG
from tests.faults.shop import LOCK_TIMEOUT_MS
from tests.faults.visitors import visited

# The schema is copied from the database of the tests, which the last mark has made.
pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.django_db]

PAGE_SECONDS, RECOVERY_SECONDS = 3, 10
STOPS = 3 if LONG else 1
CUTS, EVERY = (30, 2.0) if LONG else (6, 0.5)
GOOD = {200, 302, 503}
LOCK_INVITATION = "SELECT FROM surveys_invitation WHERE id = %s"
LOCK_CUSTOMER = "SELECT FROM crm_customer WHERE id = %s"


def check_pages(visitors):
    """A 503 is a page in plain words, soon; and there is nothing worse than that."""
    assert set(visitors.statuses()) <= GOOD, visitors.statuses()
    for answer in visitors.seen:
        assert "Traceback" not in answer.body
        assert "psycopg" not in answer.body
    for answer in visitors.unavailable():
        assert "not ready at the moment" in answer.body or "not ok" in answer.body
        assert answer.seconds < PAGE_SECONDS


def test_a_stopped_database_is_a_page_and_comes_back_by_itself(shop):
    before = shop.answers()
    with visited(shop) as visitors:
        for number in range(STOPS):
            time.sleep(1)
            shop.postgres.child.send_signal(signal.SIGQUIT)
            shop.postgres.child.wait(30)
            time.sleep(1.5)
            shop.postgres.start()
            back = time.monotonic()
            time.sleep(3)
            away = visitors.pages_after(back)
            print(f"stop {number}: pages {away:.1f} s after the start")  # noqa: T201
            assert away < RECOVERY_SECONDS

    slowest = max(answer.seconds for answer in visitors.unavailable())
    print(f"{visitors.statuses()}, slowest 503 {slowest:.2f} s")  # noqa: T201
    check_pages(visitors)
    visitors.check_effects(before)
    assert visitors.accepted > 10


def test_sessions_that_are_cut_again_and_again_leave_nothing_half_done(shop):
    before = shop.answers()
    with visited(shop) as visitors:
        for _ in range(CUTS):
            time.sleep(EVERY)
            shop.cut_sessions()
        time.sleep(0.5)

    print(visitors.statuses())  # noqa: T201
    check_pages(visitors)
    visitors.check_effects(before)
    assert visitors.accepted > 10


def test_a_lock_that_somebody_holds_is_waited_for_and_then_a_page(shop):
    link = next(shop.links)
    with shop.connect() as holder, holder.transaction():
        holder.execute("LOCK TABLE surveys_response IN ACCESS EXCLUSIVE MODE")
        held = shop.answer(link, 2)
    free = shop.answer(link, 2)

    assert (held.status, free.status) == (503, 302)
    assert LOCK_TIMEOUT_MS / 1000 < held.seconds < LOCK_TIMEOUT_MS / 1000 + 1.5
    assert shop.half_effects() == []


def test_a_deadlock_costs_one_of_the_two_a_second_and_nothing_else(shop):
    """Ours locks the customer, then the invitation; theirs goes the other way.
    Whichever gives way, ours is saved: undone, it is done once more."""
    link, before = next(shop.links), shop.answers()
    invitation, customer = shop.rows[link]
    with ThreadPoolExecutor(1) as other, shop.connect() as theirs:
        with suppress(psycopg.errors.DeadlockDetected), theirs.transaction():
            theirs.execute(f"{LOCK_INVITATION} FOR UPDATE", [invitation])
            ours = other.submit(shop.answer, link, 2)
            time.sleep(0.7)
            theirs.execute(f"{LOCK_CUSTOMER} FOR UPDATE", [customer])
        answer = ours.result()
    again = shop.answer(link, 2)

    print(f"deadlock: {answer.status} in {answer.seconds:.1f} s")  # noqa: T201
    assert (answer.status, again.status) == (302, 302)
    assert answer.seconds < PAGE_SECONDS
    assert shop.answers() == before + 1
    assert shop.half_effects() == []


def test_answers_that_collide_under_a_stricter_isolation_are_one_answer(shop):
    """Serialization failures: somebody set the database to repeatable read."""
    link, before = next(shop.links), shop.answers()
    with shop.connect() as owner:
        owner.execute(
            "ALTER DATABASE perennial"
            " SET default_transaction_isolation = 'repeatable read'"
        )
        shop.cut_sessions()
        try:
            with ThreadPoolExecutor(8) as many:
                answers = list(many.map(lambda _: shop.answer(link, 2), range(8)))
        finally:
            with shop.connect() as other:
                other.execute(
                    "ALTER DATABASE perennial RESET default_transaction_isolation"
                )
    shop.cut_sessions()

    # Who lost is done once more, and then sees that it is answered.
    assert {answer.status for answer in answers} <= {302, 409}
    assert 302 in {answer.status for answer in answers}
    assert shop.answers() == before + 1
    assert shop.half_effects() == []


def test_a_full_database_is_a_page_and_recovers(shop):
    before = shop.answers()
    with visited(shop) as visitors:
        with ExitStack() as stack:
            first = stack.enter_context(shop.connect())
            fill_up(shop, stack, first)
            time.sleep(1)
        free = time.monotonic()
        time.sleep(2)

    print(visitors.statuses())  # noqa: T201
    assert visitors.unavailable()
    check_pages(visitors)
    visitors.check_effects(before)
    assert visitors.pages_after(free) < RECOVERY_SECONDS


def fill_up(shop, stack, first):
    """Take every connection there is, also those that the web server had."""
    until = time.monotonic() + 10
    ours = []
    while time.monotonic() < until:
        try:
            ours.append(stack.enter_context(shop.connect()))
        except psycopg.OperationalError:
            pids = [link.info.backend_pid for link in [first, *ours]]
            left = first.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> ALL(%s)",
                [pids],
            ).fetchone()
            if left == (0,):
                return
    raise AssertionError("the web server always found a connection")
