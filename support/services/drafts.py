"""Keep what somebody is writing, as they type it, and the files that will go along."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from crm.models import Customer, User
from support.errors import DraftFilesTooLarge, PictureRefused
from support.models import Conversation, Draft, DraftFile
from support.rules import pictures, replies
from support.selectors import threads
from support.services import signatures, storage
from support.services.reading.kinds import PICTURES, detected
from support.services.storage import StoredFile
from web import uploads
from web.errors import StaleVersion

# What most mail servers take, less a third that travelling as text costs.
FILES_MOST_BYTES = uploads.MAIL_FILES_MAX_BYTES
# Of a photograph as telephones make them.
PICTURE_MOST_BYTES = 5 * 1024 * 1024
# Nobody goes on with a draft that old.
KEPT = timedelta(days=90)
FIELDS = ("to", "cc", "bcc", "subject", "text", "finishes_follow_up")


@transaction.atomic
def begin(
    *,
    author: User,
    now: datetime,
    conversation: Conversation | None = None,
    customer: Customer | None = None,
    to_all: bool = False,
    ticket: str = "",
) -> Draft:
    """The author's draft in this conversation, begun if there is none; without one, a
    new mail, to the customer where one is given.

    `to_all`: to everybody of the last mail that came in, not to its writer alone.
    `ticket`: of the page on which a new mail is typed, which begins one draft.
    """
    if conversation is None:
        values = {
            "customer": customer,
            "to": line_to(customer),
            "text": signatures.below(author),
            "begun_at": now,
            "changed_at": now,
        }
        if not ticket:
            return Draft.objects.create(author=author, **values)
        return Draft.objects.get_or_create(
            author=author, about=f"new:{ticket}", defaults=values
        )[0]
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
def keep(draft: Draft, *, version: int, now: datetime, **typed: Any) -> Draft:
    """Store what is typed. `version` is the one that was shown; StaleVersion where the
    same person saved another one meanwhile, in another window."""
    locked = Draft.objects.select_for_update(no_key=True).get(pk=draft.pk)
    changed = {name: typed[name] for name in FIELDS if name in typed}
    if all(getattr(locked, name) == value for name, value in changed.items()):
        # Also where the page kept it by itself while its button was pressed.
        return locked
    if locked.version != version:
        raise StaleVersion
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
    has_room(draft, len(content))
    return DraftFile.objects.create(draft=draft, **storage.kept(name, content, now=now))


@transaction.atomic
def add_picture(draft: Draft, *, name: str, content: bytes, now: datetime) -> DraftFile:
    """Put a picture to the draft; its place in the text is `pictures.marker` of its
    name. Raises PictureRefused and DraftFilesTooLarge."""
    content_type, _ending = detected(content)
    if content_type not in PICTURES or len(content) > PICTURE_MOST_BYTES:
        raise PictureRefused
    has_room(draft, len(content))
    values = storage.kept(name, content, now=now)
    taken = set(draft.files.values_list("name", flat=True))
    values["name"] = pictures.free_name(values["name"], taken)
    return DraftFile.objects.create(draft=draft, **values)


@transaction.atomic
def add_copies(draft: Draft, files: Sequence[StoredFile], *, now: datetime) -> None:
    """Put copies of these files to the draft, however large they are together."""
    for file in files:
        DraftFile.objects.create(draft=draft, **storage.copied(file, now=now))


def has_room(draft: Draft, size: int) -> None:
    """Lock the draft. Raises DraftFilesTooLarge where this much more does not fit."""
    Draft.objects.select_for_update(no_key=True).get(pk=draft.pk)
    there = sum(draft.files.values_list("size", flat=True))
    if there + size > FILES_MOST_BYTES:
        raise DraftFilesTooLarge


def with_words(draft: Draft, words: str, at: int | None = None) -> tuple[str, int]:
    """The text with these words put in at a place, counted in letters; without one,
    above the signature, where one would type on. And the place behind them."""
    text = draft.text.replace("\r\n", "\n")
    if at is not None and 0 <= at <= len(text):
        return text[:at] + words + text[at:], at + len(words)
    below = signatures.below(draft.author)
    tail = below if below and text.endswith(below) else ""
    own = text.removesuffix(tail).rstrip()
    start = "\n\n".join(filter(None, (own, words)))
    return start + tail, len(start)


@transaction.atomic
def remove_file(file: DraftFile, *, now: datetime) -> None:
    """Take a file off the draft again; a picture also out of the text."""
    storage.delete_on_commit([file.key])
    DraftFile.objects.filter(pk=file.pk).delete()
    draft = Draft.objects.get(pk=file.draft_id)
    text = pictures.without(draft.text, file.name)
    keep(draft, version=draft.version, now=now, text=text)


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
