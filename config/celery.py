"""The Celery application: a doorbell, never the truth.

Everything of value is a row in PostgreSQL. A lost, repeated or reordered task
changes nothing in the end; docs/architecture.md says why each value is set.
"""

import os

from celery import Celery

from config.broker import use_our_transport
from config.lifelines import tie_children

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

use_our_transport()
app = Celery("perennial")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
tie_children()
