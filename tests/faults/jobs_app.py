"""The Celery application of workers that export in many small slices."""

from tests.faults.app import app

from crm.services.exports import formats, slices  # isort: skip

slices.BATCH = 10
formats.Csv.part_rows = 20

__all__ = ["app"]
