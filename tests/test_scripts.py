"""What the scripts beside the code decide by themselves."""

import os
import re
import subprocess
import sys

import pytest

from local.embedded.paths import BASE_DIR

TEST = (BASE_DIR / "script/test").read_text()
CORES = re.search(r"^cores\(\) \{.*?^\}", TEST, re.M | re.S)[0]


def cores(allowed):
    """As the script counts them where only these may be used."""
    return subprocess.run(
        ["/bin/sh", "-c", f"{CORES}\ncores"],
        env=os.environ | {"python": sys.executable},
        preexec_fn=lambda: os.sched_setaffinity(0, allowed),
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="Linux only")
def test_there_are_as_many_runs_of_the_tests_at_once_as_cores_and_never_one():
    mine = os.sched_getaffinity(0)

    assert int(cores(mine)) == min(16, max(2, len(mine)))
    assert int(cores({min(mine)})) == 2
    assert 'set -- -n "$(cores)"' in TEST
