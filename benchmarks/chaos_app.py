"""The product's own Celery application, with quick ticks and the policy of the run."""

import os

import django

from config.celery import app
from config.schedule import BEAT_SCHEDULE

django.setup()

from messaging import kinds  # noqa: E402
from messaging.rules.choices import OnUncertain  # noqa: E402

# In life 20 to 60 seconds; a run of minutes wants the idle back at work sooner.
QUICK = {"plan": 3.0, "deliver": 0.5, "tidy": 1.0, "heartbeat": 1.0}
app.conf.beat_schedule = {
    name: {**BEAT_SCHEDULE[name], "schedule": seconds}
    for name, seconds in QUICK.items()
}
for kind in kinds.all_kinds():
    type(kind).on_uncertain = OnUncertain(os.environ["CHAOS_POLICY"])

__all__ = ["app"]
