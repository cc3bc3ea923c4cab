"""Ctrl-C once stops in order and with patience; twice, in order and without."""

import signal
import time

import psutil
import pytest

from tests.local.processes import family, python, read_until, wait_for

# A run of one service that takes no notice of being asked to end.
RUN = """
import sys, time
from pathlib import Path
from local.supervisor.service import Service
from local.supervisor.stopping import Stopper, StopRequested

deaf = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('deaf', flush=True); time.sleep(120)"
)
service = Service("deaf", ["-c", deaf], Path(sys.argv[1]))
Stopper([service]).listen()
try:
    service.start()
    while not service.has_logged(b"deaf"):
        time.sleep(0.05)
    print("runs", flush=True)
    while True:
        time.sleep(0.1)
except StopRequested:
    print("stopping", flush=True)
    service.stop()
    print("stopped in order", flush=True)
"""
# What a service gets before it is killed: local.supervisor.service.STOP_STEPS.
PATIENCE = 10


@pytest.fixture
def run(folder, tmp_path):
    process = python(folder / "var", "-c", RUN, str(tmp_path / "log"))
    read_until(process, "runs")
    everyone = family(process.pid)
    yield process
    for each in everyone:
        if psutil.pid_exists(each.pid):
            each.kill()


def test_a_second_ctrl_c_waits_no_longer_and_keeps_the_order(run):
    _, service = family(run.pid)
    run.send_signal(signal.SIGINT)
    read_until(run, "stopping")
    asked = time.monotonic()
    # It is in the middle of its patience now.
    assert not wait_for(lambda: run.poll() is not None, 1)
    run.send_signal(signal.SIGINT)
    rest = run.communicate(timeout=60)[0]

    assert rest == "stopped in order\n"
    assert run.returncode == 0
    assert time.monotonic() - asked < PATIENCE - 2
    assert not psutil.pid_exists(service.pid)


@pytest.mark.slow
def test_one_ctrl_c_gives_a_service_its_time(run):
    asked = time.monotonic()
    run.send_signal(signal.SIGINT)
    rest = run.communicate(timeout=60)[0]

    assert rest == "stopping\nstopped in order\n"
    assert time.monotonic() - asked >= PATIENCE - 1
