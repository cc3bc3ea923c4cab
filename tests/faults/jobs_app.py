"""The Celery application of workers that export in many small slices."""

from tests.faults.app import app

from crm.services.exports import formats, slices  # isort: skip
from crm.services.exports.asking import EXPORT  # isort: skip
from tests.faults import slow_jobs as slow_jobs  # isort: skip

slices.BATCH = 20
formats.Csv.part_rows = 40
# The file has many pieces, too.
EXPORT.piece = 20_000

__all__ = ["app"]
