"""F06: web processes, and an import, are killed in the middle of their work."""

import os
import random
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest

from local.embedded.paths import BASE_DIR
from tests.faults.mails import LONG, wait_until
from tests.faults.test_import_failures import write_orders
from tests.faults.visitors import visited

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.django_db]

KILLS = 20 if LONG else 5
BETWEEN = 5  # answers
LINES = 120_000


def kill_web_again_and_again(shop, done):
    """`done`: how many forms were taken, so that each kill hits some at work."""
    for number in range(KILLS):
        taken = number * BETWEEN
        wait_until(lambda taken=taken: done() >= taken, 30)
        time.sleep(random.random() / 2)
        workers = psutil.Process(shop.web.pid).children()
        os.kill(random.choice(workers).pid, signal.SIGKILL)
    time.sleep(1)


def test_a_form_in_a_killed_process_is_taken_whole_or_not_at_all(shop):
    """The form of somebody who answers, and one of the staff."""
    before = shop.answers()
    with visited(shop, by_staff=True) as visitors:
        kill_web_again_and_again(
            shop, lambda: min(visitors.accepted, len(visitors.noted))
        )

    print(  # noqa: T201
        f"{KILLS} kills, {visitors.statuses()}, {len(visitors.noted)} notes"
    )
    # 0: the connection broke; the same form is sent again, and is one answer.
    assert set(visitors.statuses()) <= {0, 200, 302, 303}
    visitors.check_effects(before)
    visitors.check_notes()
    assert visitors.accepted >= (KILLS - 1) * BETWEEN
    assert len(visitors.noted) >= (KILLS - 1) * BETWEEN


def test_an_import_that_is_killed_beside_them_is_whole_when_it_is_begun_anew(
    shop, tmp_path
):
    path = write_orders(tmp_path / "orders.csv", LINES)
    with visited(shop, by_customers=False, by_staff=True) as visitors:
        killer = threading.Thread(
            target=kill_web_again_and_again, args=[shop, lambda: len(visitors.noted)]
        )
        killer.start()
        first = start_import(shop, path)
        wait_until(lambda: orders(shop) > 0, 60)
        first.send_signal(signal.SIGKILL)
        first.communicate()
        standing, halves = orders(shop), half_orders(shop)
        second = start_import(shop, path)
        _, shown = second.communicate(timeout=120)
        killer.join()

    print(f"{standing} orders stood, {visitors.statuses()}")  # noqa: T201
    assert (first.returncode, second.returncode) == (-signal.SIGKILL, 0), shown
    assert 0 < standing < LINES // 3
    assert (halves, half_orders(shop)) == (0, 0)
    assert (orders(shop), lines(shop)) == (LINES // 3, LINES)
    visitors.check_notes()
    assert set(visitors.statuses()) <= {0, 200, 303}


def start_import(shop, path):
    return subprocess.Popen(
        [
            *(sys.executable, "manage.py", "import_orders", str(path)),
            *("--create-customers", "--json"),
        ],
        cwd=BASE_DIR,
        env=shop.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def orders(shop):
    return shop.ask("SELECT count(*) FROM crm_order WHERE external_id LIKE 'O%%'")[0][0]


def lines(shop):
    [(count,)] = shop.ask(
        "SELECT count(*) FROM crm_orderline l JOIN crm_order o ON o.id = l.order_id"
        " WHERE o.external_id LIKE 'O%%'"
    )
    return count


def half_orders(shop):
    """Three lines of 2.50 each; an order with fewer, or another total, is half."""
    [(count,)] = shop.ask(
        "SELECT count(*) FROM crm_order o WHERE o.external_id LIKE 'O%%' AND"
        " (o.total, 3) <> (SELECT coalesce(sum(amount), 0), count(*)"
        " FROM crm_orderline WHERE order_id = o.id)"
    )
    return count
