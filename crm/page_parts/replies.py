"""What one may write a mail about, from the page that shows it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from crm.access import Capability
from crm.models import Customer, FollowUp
from crm.page_parts.registry import Part


@dataclass(frozen=True, kw_only=True)
class ReplyStart:
    """What a mail to this customer begins with.

    `subject` and `words` are for the customer, in their language; `words` is what they
    wrote at `written_at` and is quoted. `suggestion`: with which the mail begins.
    `follow_up` is what the mail may settle. `capability`: of those who may know which
    customer it is; None: whoever may see the row.
    """

    customer: Customer
    subject: str = ""
    suggestion: str = ""
    words: str = ""
    written_at: datetime | None = None
    follow_up: FollowUp | None = None
    capability: Capability | None = None


@dataclass(frozen=True, kw_only=True)
class ReplySource(Part):
    """Rows that have a Reply button, which posts to `settings.REPLY_PAGE` with the name
    of this source and the id of the row. `read` finds the row; None: it is gone."""

    read: Callable[[int], ReplyStart | None]
