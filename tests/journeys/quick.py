"""The real Celery application with its real schedule, every tick in half a second."""

from config.celery import app
from config.schedule import BEAT_SCHEDULE

app.conf.beat_schedule = {
    name: {**entry, "schedule": 0.5} for name, entry in BEAT_SCHEDULE.items()
}

__all__ = ["app"]
