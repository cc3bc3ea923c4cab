"""Celery's children end with their worker, even when it is killed with -9.

Without this, an embedded beat and a busy pool process outlive their worker.
"""

import os
from typing import Any

from celery.signals import beat_embedded_init, worker_init, worker_process_init

from local.embedded.parent_death import die_with_parent

_worker = 0


def remember_worker(**_: Any) -> None:
    """Called in the worker before it forks."""
    global _worker
    _worker = os.getpid()


def tie_to_worker(**_: Any) -> None:
    """Called in a child: it ends with the worker, killed or not."""
    if _worker and os.getpid() != _worker:
        die_with_parent(_worker)


def tie_children() -> None:
    """Connect both to Celery's signals."""
    worker_init.connect(remember_worker, weak=False)
    worker_process_init.connect(tie_to_worker, weak=False)
    beat_embedded_init.connect(tie_to_worker, weak=False)
