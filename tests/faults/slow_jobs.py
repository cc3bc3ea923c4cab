"""Slices of jobs that take long enough for a test to kill their worker inside."""

import time

from crm.services import jobs

# Longer than a test needs to look and to kill, also on a busy machine.
SLICE_SECONDS = 0.1

_keep = jobs._keep


def _keep_slowly(*args, **kwargs):
    time.sleep(SLICE_SECONDS)
    return _keep(*args, **kwargs)


jobs._keep = _keep_slowly
