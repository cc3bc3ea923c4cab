"""The long work of crm: see crm/job_kinds.py."""

from crm.job_kinds import register
from crm.services.exports.asking import EXPORT
from crm.services.imports.import_jobs import IMPORT
from crm.services.imports.undoing import UNDO

register(EXPORT)
register(IMPORT)
register(UNDO)
