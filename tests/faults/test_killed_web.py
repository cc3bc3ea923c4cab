"""F06: web processes are killed in the middle of a form."""

import os
import random
import signal
import time

import psutil
import pytest

from tests.faults.mails import LONG, wait_until
from tests.faults.shop import visited

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.django_db]

KILLS = 20 if LONG else 5
BETWEEN = 5  # answers


def test_a_form_in_a_killed_process_is_taken_whole_or_not_at_all(shop):
    before = shop.answers()
    with visited(shop) as visitors:
        for number in range(KILLS):
            taken = number * BETWEEN
            wait_until(lambda taken=taken: visitors.accepted >= taken, 30)
            time.sleep(random.random() / 2)
            workers = psutil.Process(shop.web.pid).children()
            os.kill(random.choice(workers).pid, signal.SIGKILL)
        time.sleep(1)

    print(f"{KILLS} kills, {visitors.statuses()}")  # noqa: T201
    # 0: the connection broke; the same form is sent again, and is one answer.
    assert set(visitors.statuses()) <= {0, 200, 302}
    visitors.check_effects(before)
    assert visitors.accepted >= (KILLS - 1) * BETWEEN
