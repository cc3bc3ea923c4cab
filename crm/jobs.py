"""The long work of crm: see crm/job_kinds.py."""

from crm.job_kinds import register
from crm.services.bulk.running import BULK
from crm.services.bulk.undoing import UNDO_BULK
from crm.services.custom_field_jobs import INDEX, SEARCH
from crm.services.exports.asking import EXPORT
from crm.services.imports.import_jobs import IMPORT
from crm.services.imports.undoing import UNDO
from crm.services.merge_jobs import MERGE_EXACT, UNDO_MERGED
from crm.services.snapshots import SNAPSHOT

register(EXPORT)
register(IMPORT)
register(UNDO)
register(BULK)
register(UNDO_BULK)
register(SNAPSHOT)
register(INDEX)
register(SEARCH)
register(MERGE_EXACT)
register(UNDO_MERGED)
