"""The Celery application of workers that import, and undo, in many small steps."""

from tests.faults.app import app

from crm.services.imports import import_jobs, parts, undoing  # isort: skip
from tests.faults import slow_jobs as slow_jobs  # isort: skip

import_jobs.STEP_SECONDS = 0
parts.PART_ROWS = 50
undoing.STEP_SECONDS = 0
undoing.BATCH = 25

__all__ = ["app"]
