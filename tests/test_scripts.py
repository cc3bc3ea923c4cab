"""What the scripts beside the code decide by themselves."""

import os
import re
import subprocess
import sys

import pytest

from local.embedded.paths import BASE_DIR

TEST = (BASE_DIR / "script/test").read_text()
WORKERS = re.search(r"^workers\(\) \{.*?^\}", TEST, re.M | re.S)[0]


def workers(allowed):
    """As the script counts them where only these may be used."""
    return subprocess.run(
        ["/bin/sh", "-c", f"{WORKERS}\nworkers"],
        env=os.environ | {"python": sys.executable},
        preexec_fn=lambda: os.sched_setaffinity(0, allowed),
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="Linux only")
def test_one_more_run_of_the_tests_than_cores_is_at_work_and_never_only_one():
    mine = os.sched_getaffinity(0)

    assert int(workers(mine)) == min(16, max(3, len(mine) + 1))
    assert int(workers({min(mine)})) == 3
    assert 'set -- -n "$(workers)"' in TEST
