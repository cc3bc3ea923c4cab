"""What must outlive the database: an append-only journal beside it, on shared storage.

A restored database has forgotten who opted out and which mails left since the copy was
made. The journal has not: withdrawals, bounces, complaints, erasures and the mails
handed over are written and synced there before the commit that they belong to, and
`manage.py after_restore` replays them. It holds ids and keyed hashes only.

`record` is for services. The rest is for deliveries (`position` describes how they keep
the position), for the tick and for the replay.
"""

from crm.services.journal.files import Entry, JournalUnwritable
from crm.services.journal.position import DatabaseIsOlder, JournalIsMissing
from crm.services.journal.recording import fill_gaps, record

__all__ = [
    "DatabaseIsOlder",
    "Entry",
    "JournalIsMissing",
    "JournalUnwritable",
    "fill_gaps",
    "record",
]
