"""What the scripts beside the code decide by themselves."""

import os
import re
import subprocess
import sys

import pytest

from local.embedded.paths import BASE_DIR

TEST = (BASE_DIR / "script/test").read_text()
WORKERS = re.search(r"^workers\(\) \{.*?^\}", TEST, re.M | re.S)[0]


def workers(allowed, *arguments):
    """As the script counts them where only these may be used."""
    done = subprocess.run(
        ["/bin/sh", "-c", f'{WORKERS}\nworkers "$@"', "sh", *arguments],
        env=os.environ | {"python": sys.executable},
        preexec_fn=lambda: os.sched_setaffinity(0, allowed),
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="Linux only")
@pytest.mark.parametrize(
    ("which", "more"), [("not slow", 1), ("slow", 2), ("slow and not faults", 2)]
)
def test_more_runs_of_the_tests_than_cores_are_at_work_and_never_only_one(which, more):
    mine = os.sched_getaffinity(0)

    assert workers(mine, "-m", which) == min(16, max(3, len(mine) + more))
    assert workers({min(mine)}, "-m", which) == 3
    assert 'set -- -n "$(workers "$@")"' in TEST
