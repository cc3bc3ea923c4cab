"""The lists of conversations: tabs, and what narrows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Left
from django.utils.translation import gettext as _

from crm.models import User
from support.models import (
    Conversation,
    ConversationTag,
    Draft,
    Mail,
    Mailbox,
    RawMail,
    Tagging,
)
from support.rules.choices import ConversationKind, ConversationState, RawState
from support.selectors import people
from support.selectors.threads import ACKNOWLEDGEMENTS
from web.rules.numbers import whole_number

PER_PAGE = 25
_SNIPPET = 120
_LANGUAGE_MOST = 10
# What a row shows: a customer alone has seventy columns.
_SHOWN = (
    *("subject", "address", "state", "kind", "is_spam", "is_history", "last_mail_at"),
    *("customer__given_name", "customer__family_name", "customer__external_id"),
    *("customer__language", "assignee__name", "assignee__email"),
)


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
    return as_rows(Conversation.objects.filter(condition_of(tab, user)), filters)


def as_rows(
    found: "QuerySet[Conversation]", filters: Filters
) -> "QuerySet[Conversation]":
    """These conversations as a list shows them, with the names of their tags
    (`tag_names`)."""
    mails = Mail.objects.filter(conversation=OuterRef("pk"))
    latest = mails.exclude(ACKNOWLEDGEMENTS).order_by("-at", "-id")
    text = latest.annotate(start=Left("text", _SNIPPET)).values("start")[:1]
    tags = Tagging.objects.filter(conversation=OuterRef("pk")).order_by("tag__name")
    return (
        found.filter(filters.condition)
        .select_related("customer", "assignee")
        .only(*_SHOWN)
        .annotate(
            snippet=Subquery(text), tag_names=ArraySubquery(tags.values("tag__name"))
        )
    )


def condition_of(tab: Tab, user: User) -> Q:
    """Which conversations stand in a tab of this person."""
    if tab in _STATES:
        return Q(state=_STATES[tab].value)
    owed = Q(state=ConversationState.OPEN.value)
    return owed & (Q(assignee=user) if tab is Tab.MINE else Q(assignee=None))


@dataclass(frozen=True)
class Choices:
    """What a list can be narrowed by, and what its rows can be given: ids and names."""

    mailboxes: Sequence[tuple[int, str]]
    tags: Sequence[tuple[int, str]]
    colleagues: Sequence[tuple[int, str]]


def choices(now: datetime) -> Choices:
    """Everything to choose from, in three queries."""
    return Choices(
        mailboxes=list(
            Mailbox.objects.order_by("name", "pk").values_list("pk", "name")
        ),
        tags=tags(),
        colleagues=[
            (one.pk, _("%(name)s (away)") % {"name": one} if is_away else str(one))
            for one, is_away in people.colleagues_here_or_away(now)
        ],
    )


@dataclass(frozen=True)
class Head:
    """What the head of the lists leads to: how many drafts are one's own, and whether a
    mail waits in "Could not be read"."""

    drafts: int
    has_unreadable: bool


def head(user: User) -> Head:
    """Both for this person, in one query."""
    own = Draft.objects.filter(author=OuterRef("pk")).order_by().values("author")
    unreadable = RawMail.objects.filter(state=RawState.UNREADABLE.value)
    drafts, has_unreadable = (
        User.objects.filter(pk=user.pk)
        .values_list(
            Coalesce(Subquery(own.annotate(rows=Count("pk")).values("rows")), 0),
            Exists(unreadable),
        )
        .get()
    )
    return Head(drafts, has_unreadable)


def tags() -> list[tuple[int, str]]:
    """The ids and names of all tags, by name."""
    return list(ConversationTag.objects.order_by("name").values_list("pk", "name"))
