"""Keep what somebody is writing, as they type it, and the files that will go along."""

import hashlib
from datetime import datetime, timedelta

from django.db import transaction

from crm.models import Customer, User
from support.errors import DraftFilesTooLarge
from support.models import Conversation, Draft, DraftFile
from support.rules import replies
from support.selectors import threads
from support.services import signatures, storage
from support.services.reading.kinds import detected
from web import uploads
from web.errors import StaleVersion

# What most mail servers take, less a third that travelling as text costs.
FILES_MOST_BYTES = uploads.MAIL_FILES_MAX_BYTES
# Nobody goes on with a draft that old.
KEPT = timedelta(days=90)
FIELDS = ("to", "cc", "bcc", "subject", "text")


@transaction.atomic
def begin(
    *,
    author: User,
    now: datetime,
    conversation: Conversation | None = None,
    customer: Customer | None = None,
    to_all: bool = False,
) -> Draft:
    """The author's draft in this conversation, begun if there is none; without one, a
    new mail, to the customer where one is given.

    `to_all`: to everybody of the last mail that came in, not to its writer alone.
    """
    if conversation is None:
        return Draft.objects.create(
            author=author,
            customer=customer,
            to=line_to(customer),
            text=signatures.below(author),
            begun_at=now,
            changed_at=now,
        )
    replies_only = Draft.objects.filter(forwards=None)
    known = replies_only.filter(author=author, conversation=conversation).first()
    if known is not None:
        return known
    to, cc = threads.recipients(conversation, to_all=to_all)
    draft, _made = replies_only.get_or_create(
        author=author,
        conversation=conversation,
        defaults={
            "customer": conversation.customer,
            "to": replies.line_of(to),
            "cc": replies.line_of(cc),
            "subject": replies.subject(conversation.subject),
            "text": signatures.below(author),
            "begun_at": now,
            "changed_at": now,
        },
    )
    return draft


def line_to(customer: Customer | None) -> str:
    """The line of recipients of a new mail to them; empty without an address."""
    if customer is None or not customer.email:
        return ""
    return replies.line_of([(customer.full_name, customer.email)])


@transaction.atomic
def keep(draft: Draft, *, version: int, now: datetime, **typed: str) -> Draft:
    """Store what is typed. `version` is the one that was shown; StaleVersion where the
    same person saved another one meanwhile, in another window."""
    locked = Draft.objects.select_for_update(no_key=True).get(pk=draft.pk)
    if locked.version != version:
        raise StaleVersion
    changed = {name: typed[name] for name in FIELDS if name in typed}
    if all(getattr(locked, name) == value for name, value in changed.items()):
        return locked
    for name, value in changed.items():
        setattr(locked, name, value)
    locked.held_back = ""
    locked.version += 1
    locked.changed_at = max(now, locked.begun_at)
    locked.save()
    return locked


@transaction.atomic
def add_file(draft: Draft, *, name: str, content: bytes, now: datetime) -> DraftFile:
    """Put a file to the draft. Raises DraftFilesTooLarge."""
    Draft.objects.select_for_update(no_key=True).get(pk=draft.pk)
    there = sum(draft.files.values_list("size", flat=True))
    if there + len(content) > FILES_MOST_BYTES:
        raise DraftFilesTooLarge
    content_type, ending = detected(content)
    return DraftFile.objects.create(
        draft=draft,
        key=storage.save(content, now=now),
        name=_file_name(name) or f"file{ending}",
        content_type=content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def with_words(draft: Draft, words: str) -> str:
    """The text with ready-made words where one would type on: above the signature."""
    below = signatures.below(draft.author)
    own = draft.text.removesuffix(below) if below else draft.text
    tail = below if below and draft.text.endswith(below) else ""
    return "\n\n".join(filter(None, (own.rstrip(), words))) + tail


def _file_name(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable()).strip()[-200:]


@transaction.atomic
def remove_file(file: DraftFile) -> None:
    """Take a file off the draft again."""
    storage.delete_on_commit([file.key])
    DraftFile.objects.filter(pk=file.pk).delete()


@transaction.atomic
def discard(draft: Draft) -> None:
    """Throw it away, with its files."""
    storage.delete_on_commit(draft.files.values_list("key", flat=True))
    Draft.objects.filter(pk=draft.pk).delete()


def discard_old(now: datetime) -> int:
    """Throw away what nobody goes on with; how many."""
    old = list(Draft.objects.filter(changed_at__lt=now - KEPT)[:1_000])
    for draft in old:
        discard(draft)
    return len(old)
