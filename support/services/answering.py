"""Begin a mail about what a customer wrote elsewhere, or about what we owe them."""

from datetime import datetime

from django.db import transaction

from crm.models import User
from crm.page_parts import ReplyStart
from support.models import Draft
from support.services import drafts, quotations, signatures


@transaction.atomic
def begin(about: str, start: ReplyStart, *, author: User, now: datetime) -> Draft:
    """The author's draft about it, begun if there is none. `about` names the source and
    the row, as "response:12"."""
    draft, _made = Draft.objects.get_or_create(
        author=author,
        about=about,
        defaults={
            "customer": start.customer,
            "to": drafts.line_to(start.customer),
            "subject": start.subject,
            "text": signatures.below(author),
            "quoted": (
                quotations.of_words(start.words, start.written_at, start.customer)
                if start.written_at
                else ""
            ),
            "follow_up": start.follow_up,
            "begun_at": now,
            "changed_at": now,
        },
    )
    return draft
