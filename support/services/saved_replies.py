"""Ready-made words: kept, listed for a writer, and filled for a conversation."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Case, Q, QuerySet, When

from crm import selectors as crm_selectors
from crm.models import Customer, User
from support.errors import DraftFilesTooLarge, SavedReplyExists
from support.models import Draft, SavedReply, SavedReplyFile
from support.rules import placeholders
from support.services import drafts, storage
from web.errors import InvalidValue, StaleVersion
from web.rules import text

_TEXT_MOST = 20_000
_NAME_MOST = 80


def of(user: User, *, language: str = "") -> QuerySet[SavedReply]:
    """Everybody's and one's own, by name. With a language: those in it first, then
    those for any, then the others."""
    found = SavedReply.objects.filter(Q(owner=None) | Q(owner=user))
    if not language:
        return found
    nearness = Case(
        When(language=language, then=0), When(language="", then=1), default=2
    )
    return found.order_by(nearness, "name", "language", "id")


@transaction.atomic
def save(
    reply: SavedReply | None,
    *,
    name: str,
    language: str,
    words: str,
    owner: User | None,
    version: int = 1,
) -> SavedReply:
    """Make or change one. `owner` None: everybody's. Raises InvalidValue, StaleVersion,
    SavedReplyExists."""
    row = SavedReply() if reply is None else _locked(reply, version)
    row.name = text.one_line(name, field="name", most=_NAME_MOST)
    row.text = text.many_lines(words, field="text", most=_TEXT_MOST)
    row.language, row.owner = language, owner
    missing = {
        field: "required"
        for field, value in (("name", row.name), ("text", row.text))
        if not value
    }
    if missing:
        raise InvalidValue(fields=missing)
    if placeholders.unknown(row.text):
        raise InvalidValue(fields={"text": "unknown_placeholder"})
    if reply is not None:
        row.version += 1
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise SavedReplyExists from error
    return row


def _locked(reply: SavedReply, version: int) -> SavedReply:
    row = SavedReply.objects.select_for_update().get(pk=reply.pk)
    if row.version != version:
        raise StaleVersion
    return row


@transaction.atomic
def delete(reply: SavedReply) -> None:
    """Delete one for good, with its files."""
    storage.delete_on_commit(reply.files.values_list("key", flat=True))
    SavedReply.objects.filter(pk=reply.pk).delete()


@transaction.atomic
def add_file(
    reply: SavedReply, *, name: str, content: bytes, now: datetime
) -> SavedReplyFile:
    """Let a file go along with the words. Raises DraftFilesTooLarge."""
    SavedReply.objects.select_for_update(no_key=True).get(pk=reply.pk)
    there = sum(reply.files.values_list("size", flat=True))
    if there + len(content) > drafts.FILES_MOST_BYTES:
        raise DraftFilesTooLarge
    values = storage.kept(name, content, now=now)
    return SavedReplyFile.objects.create(reply=reply, **values)


@transaction.atomic
def remove_file(file: SavedReplyFile) -> None:
    """Take a file off again; mails that have it keep theirs."""
    storage.delete_on_commit([file.key])
    SavedReplyFile.objects.filter(pk=file.pk).delete()


@transaction.atomic
def put_in(
    reply: SavedReply, draft: Draft, *, now: datetime, at: int | None = None
) -> int:
    """Put its words and its files into the draft, at a place of the text or above the
    signature; the place behind them. Raises DraftFilesTooLarge."""
    files = list(reply.files.order_by("pk"))
    if files:
        drafts.has_room(draft, sum(file.size for file in files))
        drafts.add_copies(draft, files, now=now)
    text, behind = drafts.with_words(draft, filled(reply, draft), at)
    drafts.keep(draft, version=draft.version, now=now, text=text)
    return behind


def filled(reply: SavedReply, draft: Draft) -> str:
    """The words for this draft; what is not known stays in braces."""
    return placeholders.filled(reply.text, _values(draft))


def _values(draft: Draft) -> dict[str, str]:
    customer = draft.customer
    conversation = draft.conversation
    return {
        "author": draft.author.name,
        "shop": crm_selectors.business().name,
        "subject": conversation.subject if conversation else draft.subject,
        **(_values_of(customer) if customer else {}),
    }


def _values_of(customer: Customer) -> dict[str, str]:
    last = customer.orders.order_by("-ordered_at", "-pk").first()
    return {
        "first_name": customer.greeting_name or customer.given_name,
        "name": customer.full_name,
        "company": customer.organisation,
        "last_order": (last.number or last.external_id) if last else "",
    }
