"""F06: web processes are killed in the middle of a form."""

import os
import random
import signal
import time

import psutil
import pytest

from tests.faults.mails import LONG
from tests.faults.shop import visited

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.django_db]

KILLS = 20 if LONG else 5


def test_a_form_in_a_killed_process_is_taken_whole_or_not_at_all(shop):
    before = shop.answers()
    with visited(shop) as visitors:
        for _ in range(KILLS):
            time.sleep(0.3 + random.random() / 2)
            workers = psutil.Process(shop.web.pid).children()
            os.kill(random.choice(workers).pid, signal.SIGKILL)
        time.sleep(1)

    print(f"{KILLS} kills, {visitors.statuses()}")  # noqa: T201
    # 0: the connection broke; the same form is sent again, and is one answer.
    assert set(visitors.statuses()) <= {0, 200, 302}
    visitors.check_effects(before)
    assert visitors.accepted > KILLS
