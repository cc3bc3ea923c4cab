"""The Celery application of workers that export in many small slices."""

from tests.faults.app import app

from crm.services.exports import formats, slices  # isort: skip
from tests.faults import slow_jobs as slow_jobs  # isort: skip

slices.BATCH = 20
formats.Csv.part_rows = 40

__all__ = ["app"]
