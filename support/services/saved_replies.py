"""Ready-made words: kept, listed for a writer, and filled for a conversation."""

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from crm import selectors as crm_selectors
from crm.models import Customer, User
from support.errors import SavedReplyExists
from support.models import Draft, SavedReply
from support.rules import placeholders
from web.errors import InvalidValue, StaleVersion
from web.rules import text

_TEXT_MOST = 20_000
_NAME_MOST = 80


def of(user: User, *, language: str = "") -> QuerySet[SavedReply]:
    """Everybody's and one's own, by name. With a language: in that one and in none."""
    found = SavedReply.objects.filter(Q(owner=None) | Q(owner=user))
    return found.filter(language__in=["", language]) if language else found


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


def delete(reply: SavedReply) -> None:
    """Delete one for good."""
    SavedReply.objects.filter(pk=reply.pk).delete()


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
