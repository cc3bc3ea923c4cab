"""F40, with real packets that vanish. Needs root, `ip`, and about a minute:

FAULTS_NETWORK=1 script/test tests/faults/test_silent_network.py -s
"""

import os
import shutil
import subprocess
import sys
import time

import pytest
from django.db import connection

from config.database import PATIENCE
from tests.faults.proxy import running_proxy

pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not os.environ.get("FAULTS_NETWORK")
        or os.geteuid() != 0
        or shutil.which("ip") is None,
        reason="asked for by FAULTS_NETWORK=1; needs root and the program ip",
    ),
]

NAME, HERE, THERE = "perennial-far", "10.213.77.1", "10.213.77.2"
# Waits for an answer, or has something to say: both ends of a silent connection.
CLIENT = """
import sys, time, psycopg
host, port, user, name, waits = sys.argv[1:6]
link = psycopg.connect(host=host, port=port, user=user, dbname=name, autocommit=True,
                       **PATIENCE)
print("connected", flush=True)
if waits == "speaking":
    sys.stdin.readline()
began = time.monotonic()
try:
    link.execute("SELECT pg_sleep(100)")
except psycopg.OperationalError:
    print(time.monotonic() - began, flush=True)
"""


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@pytest.fixture
def far_away():
    """A namespace behind a cable that can be pulled."""
    ip("netns", "add", NAME)
    try:
        ip("link", "add", "perennial0", "type", "veth", "peer", "name", "perennial1")
        ip("link", "set", "perennial1", "netns", NAME)
        ip("addr", "add", f"{HERE}/30", "dev", "perennial0")
        ip("link", "set", "perennial0", "up")
        ip("-n", NAME, "addr", "add", f"{THERE}/30", "dev", "perennial1")
        ip("-n", NAME, "link", "set", "perennial1", "up")
        yield
    finally:
        subprocess.run(["ip", "link", "del", "perennial0"], check=False)
        ip("netns", "del", NAME)


@pytest.mark.usefixtures("far_away")
@pytest.mark.parametrize("state", ["waiting", "speaking"])
def test_a_pulled_cable_is_noticed_within_half_a_minute(state):
    settings = connection.settings_dict
    path = f"{settings['HOST']}/.s.PGSQL.{settings['PORT'] or 5432}"
    with running_proxy(path, host=HERE) as proxy:
        client = subprocess.Popen(
            [
                *("ip", "netns", "exec", NAME, sys.executable, "-c"),
                CLIENT.replace("PATIENCE", repr(PATIENCE)),
                *(HERE, str(proxy.port), settings["USER"], settings["NAME"], state),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert client.stdout.readline() == "connected\n"
        time.sleep(1)
        ip("link", "set", "perennial0", "down")
        out, _ = client.communicate("\n", timeout=60)

    print(f"{state}: noticed after {float(out):.0f} s")  # noqa: T201
    assert float(out) < 30
