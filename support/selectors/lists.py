"""The lists of conversations: tabs, and what narrows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlencode

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Left

from crm.models import User
from support.models import Conversation, ConversationTag, Mail, Mailbox
from support.rules.choices import ConversationKind, ConversationState
from support.selectors import people
from support.selectors.threads import ACKNOWLEDGEMENTS
from support.services import away
from web.rules.numbers import whole_number

PER_PAGE = 25
_SNIPPET = 120
_LANGUAGE_MOST = 10


class Tab(StrEnum):
    MINE = "mine"
    UNASSIGNED = "unassigned"
    WAITING = "waiting"
    SNOOZED = "snoozed"
    CLOSED = "closed"


_STATES = {
    Tab.WAITING: ConversationState.WAITING,
    Tab.SNOOZED: ConversationState.SNOOZED,
    Tab.CLOSED: ConversationState.CLOSED,
}


@dataclass(frozen=True)
class Filters:
    """What narrows a list; what is not asked for is None or empty."""

    mailbox: int | None = None
    tag: int | None = None
    kind: str = ""
    language: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Filters":
        """From an address; a value that is none counts as not asked for."""
        kind, language = asked.get("kind", ""), asked.get("language", "")
        return cls(
            mailbox=whole_number(asked.get("mailbox", "")),
            tag=whole_number(asked.get("tag", "")),
            kind=kind if kind in set(ConversationKind) else "",
            language=language.replace("\0", "")[:_LANGUAGE_MOST],
        )

    @property
    def query(self) -> str:
        """As it stands in an address, empty where nothing is asked for."""
        return urlencode({name: value for name, value in vars(self).items() if value})

    @property
    def condition(self) -> Q:
        """The same for conversations."""
        found = Q()
        if self.mailbox is not None:
            found &= Q(mailbox_id=self.mailbox)
        if self.tag is not None:
            found &= Q(taggings__tag_id=self.tag)
        if self.kind:
            found &= Q(kind=self.kind)
        if self.language:
            found &= Q(language=self.language)
        return found


def in_tab(tab: Tab, *, user: User, filters: Filters) -> "QuerySet[Conversation]":
    """The conversations of a tab, each with the beginning of its last mail (`snippet`).

    `Mine` and `Unassigned` are what waits for us; the other tabs are everybody's.
    """
    return as_rows(Conversation.objects.filter(_condition(tab, user)), filters)


def as_rows(
    found: "QuerySet[Conversation]", filters: Filters
) -> "QuerySet[Conversation]":
    """These conversations as a list shows them."""
    mails = Mail.objects.filter(conversation=OuterRef("pk"))
    latest = mails.exclude(ACKNOWLEDGEMENTS).order_by("-at", "-id")
    text = latest.annotate(start=Left("text", _SNIPPET)).values("start")[:1]
    return (
        found.filter(filters.condition)
        .select_related("customer", "assignee", "mailbox")
        .prefetch_related(Prefetch("tags", ConversationTag.objects.order_by("name")))
        .annotate(snippet=Subquery(text))
    )


def _condition(tab: Tab, user: User) -> Q:
    if tab in _STATES:
        return Q(state=_STATES[tab].value)
    owed = Q(state=ConversationState.OPEN.value)
    return owed & (Q(assignee=user) if tab is Tab.MINE else Q(assignee=None))


@dataclass(frozen=True)
class Choices:
    """What a list can be narrowed by, and what its rows can be given."""

    mailboxes: Sequence[Mailbox]
    tags: Sequence[ConversationTag]
    colleagues: Sequence[User]
    # The ids of those who are away.
    away: set[int]


def choices(now: datetime) -> Choices:
    """Everything to choose from, in four queries."""
    return Choices(
        mailboxes=list(Mailbox.objects.order_by("name", "pk")),
        tags=list(ConversationTag.objects.order_by("name")),
        colleagues=people.colleagues(),
        away=away.away(now),
    )
