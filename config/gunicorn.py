"""The web server's settings, for the one-command run and for production alike."""

import gc
import os
from pathlib import Path
from typing import Any

from django.urls import get_resolver

from local.embedded.parent_death import die_with_parent

wsgi_app = "config.wsgi:application"
bind = os.environ.get("WEB_BIND") or f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_WORKERS", "2"))
# gthread whose threads never wait for a client: a dozen slow ones block no other.
worker_class = "web.server.worker.Worker"
threads = int(os.environ.get("WEB_THREADS", "4"))
# Below the open files of any system, beside those of the threads. When all places are
# taken, whoever is slowest gives way.
worker_connections = 400
# Longer than any proxy keeps an idle connection (nginx and load balancers 60 s, Caddy
# 120 s): if we closed first, a request just sent on it would be lost.
keepalive = int(os.environ.get("WEB_KEEPALIVE", "125"))
# The worker sends what a client does not take at once; the kernel would wait for it.
sendfile = False
# Loaded once, before the fork: half the time and memory of a start.
preload_app = True
timeout = 30
graceful_timeout = 10
max_requests = 10_000
max_requests_jitter = 1_000
# The heartbeat file of a worker must not wait for a slow disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# It would be one more socket, in the home of whoever runs us.
control_socket_disable = True


# Of a request most objects end by themselves; Python looks for the others after so many
# new ones. Its own 700 is reached several times a page.
OBJECTS_BEFORE_A_LOOK = 10_000


def when_ready(_arbiter: Any) -> None:
    """gunicorn's hook before it makes its workers: the addresses and their views are
    loaded once for all of them, and what is there by now, which stays, is looked
    through for garbage no more. A tenth of the processor's time of a page."""
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BEFORE_A_LOOK)


def post_fork(arbiter: Any, worker: Any) -> None:
    """gunicorn's hook in each new worker: it ends with its master, killed or not."""
    die_with_parent(arbiter.pid)
