"""Wiring only: settings, URLs, Celery, the schedule and the embedded servers."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
