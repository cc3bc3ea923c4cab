"""The database, the broker, and Celery, whose reasons docs/architecture.md gives."""

from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

from config import env
from config.database import database_from_url
from config.schedule import BEAT_SCHEDULE
from local import embedded

DATABASES = {
    "default": database_from_url(env.text("DATABASE_URL") or embedded.database_url())
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEST_RUNNER = "django.test.runner.DiscoverRunner"

REDIS_URL = env.text("REDIS_URL") or embedded.redis_url()
if not REDIS_URL.startswith(("redis://", "rediss://", "redis+socket://")):
    raise ImproperlyConfigured("REDIS_URL must begin with redis:// or rediss://")
# Nothing that must be right may live in a cache.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

CELERY_BROKER_URL = REDIS_URL
CELERY_BEAT_SCHEDULE = BEAT_SCHEDULE
# The default one keeps its last ticks in a file, and one that a kill or a full disk has
# torn stops it for good. Ticks without meaning need no memory.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
# Deliveries and jobs queue apart from the ticks: workers take from each in turn, so
# that neither a full outbox nor a long job keeps the heartbeat and the sweeper waiting.
CELERY_TASK_QUEUES = [
    Queue("celery", routing_key="celery"),
    Queue("mail", routing_key="mail"),
    Queue("jobs", routing_key="jobs"),
]
CELERY_TASK_ROUTES = {
    "messaging.tasks.deliver": {"queue": "mail"},
    "crm.tasks.work_jobs": {"queue": "jobs"},
    "support.tasks.fetch_mail": {"queue": "jobs"},
    "crm.tasks.find_duplicates": {"queue": "jobs"},
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_TASK_TIME_LIMIT = 120
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
# KiB; a process that has grown beyond this is replaced after its task. Well above what
# one has at the start: otherwise it would be replaced after every task.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 600_000
CELERY_WORKER_ETA_TASK_LIMIT = 1000
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
# A task cut off because the broker went away would leave a mail in doubt; run to its
# end it does no harm, however often the broker gives it again.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A broker that refuses a command (it became a replica, it is full) is one to connect to
# again. Otherwise the worker gives up, and its process stays without consuming.
CELERY_BROKER_CHANNEL_ERROR_RETRY = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # At least ten times the longest task, so that a running one is not given twice.
    "visibility_timeout": env.number("CELERY_VISIBILITY_TIMEOUT", 1800),
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    # A silent broker must not hold a request or a worker for ever.
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "retry_on_timeout": True,
    "global_keyprefix": "perennial:",
}

# How far a worker's clock may be from the database's before the latter counts.
CLOCK_TOLERANCE_SECONDS = 60
