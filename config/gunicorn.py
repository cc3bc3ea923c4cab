"""The web server's settings, for the one-command run and for production alike."""

import os
from pathlib import Path
from typing import Any

from config.embedded.lifeline import die_with_parent

wsgi_app = "config.wsgi:application"
bind = os.environ.get("WEB_BIND") or f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_WORKERS", "2"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "4"))
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


def post_fork(arbiter: Any, worker: Any) -> None:
    die_with_parent(arbiter.pid)
