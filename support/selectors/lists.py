"""The lists of conversations: tabs, and what narrows them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import BooleanField, Q, QuerySet, TextField
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from crm.access import Capability
from crm.models import User
from support.models import Conversation, ConversationTag, Tagging
from support.rules.choices import ConversationKind, ConversationState, RawState
from support.selectors.searching import Found
from web import paging
from web.rules.numbers import whole_number

PER_PAGE = 25
_LANGUAGE_MOST = 10
# In SQL: as queries of Django they took longer to put together than to be answered.
# Of no acknowledgement: as ACKNOWLEDGEMENTS of support.selectors.threads has it.
_SNIPPET = RawSQL(
    """
    (SELECT left(mail.text, 120) FROM support_mail mail
    WHERE mail.conversation_id = support_conversation.id
        AND NOT (mail.direction = 'out' AND mail.is_automatic)
    ORDER BY mail.at DESC, mail.id DESC LIMIT 1)
    """,
    (),
    output_field=TextField(),
)
_TAG_NAMES = RawSQL(
    """
    ARRAY(SELECT tag.name FROM support_tagging tagging
    JOIN support_conversationtag tag ON tag.id = tagging.tag_id
    WHERE tagging.conversation_id = support_conversation.id ORDER BY tag.name)
    """,
    (),
    output_field=ArrayField(TextField()),
)
# What a row shows: a customer alone has seventy columns.
_SHOWN = (
    *("subject", "address", "state", "kind", "is_spam", "is_history", "last_mail_at"),
    *("customer__given_name", "customer__family_name", "customer__external_id"),
    *("customer__language", "assignee__name", "assignee__email"),
)

# Of how many conversations with a tag a set is made.
_SOME, _MOST_HASHED = 500, 5_000
# IS TRUE has them hashed, whatever the planner thinks.
_HAS_TAG = """
(support_conversation.id IN (
    SELECT conversation_id FROM support_tagging WHERE tag_id = %s)) IS TRUE"""


class Tab(StrEnum):
    """The tabs of the inbox."""

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


def tab_page(
    tab: Tab, *, user: User, filters: Filters, older: str, newer: str
) -> "paging.Page[Conversation]":
    """A page of a tab."""
    sides = paging.Sides(older=older, newer=newer)
    if filters.tag is not None:
        # Of those that have not the tag an index alone is read.
        found = Conversation.objects.filter(condition_of(tab, user), filters.condition)
        return _chosen_first(_hashed(found, filters.tag), **sides)
    rows = in_tab(tab, user=user, filters=filters)
    return paging.page(rows, by="last_mail_at", size=PER_PAGE, **sides)


def _hashed(found: "QuerySet[Conversation]", tag: int) -> "QuerySet[Conversation]":
    """The same, found by a set of all that have the tag, where that is quicker than to
    ask the index of tags for each: neither where nearly each of the newest has it, nor
    where few have it at all, which are read first."""
    rows = Tagging.objects.filter(tag_id=tag).values("pk")
    if not _SOME <= rows[: _MOST_HASHED + 1].count() <= _MOST_HASHED:
        return found
    has_tag = RawSQL(_HAS_TAG, (tag,), output_field=BooleanField())  # noqa: S611
    return found.filter(has_tag)


def as_rows(
    found: "QuerySet[Conversation]", filters: Filters
) -> "QuerySet[Conversation]":
    """These conversations as a list shows them, with the names of their tags
    (`tag_names`)."""
    return (
        found.filter(filters.condition)
        .select_related("customer", "assignee")
        .only(*_SHOWN)
        .annotate(snippet=_SNIPPET, tag_names=_TAG_NAMES)
    )


def found_page(
    found: Found, filters: Filters, *, older: str, newer: str
) -> "paging.Page[Conversation]":
    """A page of what a search found, as a list shows it. The first one is full of
    conversations of late, where there are that many."""
    if found.of_late is not None and not (filters.query or older or newer):
        page = _chosen_first(found.of_late, older="", newer="")
        if page.older:
            return page
    rows = found.everything.filter(filters.condition)
    return _chosen_first(rows, older=older, newer=newer)


def _chosen_first(
    rows: "QuerySet[Conversation]", *, older: str, newer: str
) -> "paging.Page[Conversation]":
    """Which rows a page shows is asked before they are joined to their customers: that
    would be done for whatever was found."""

    def read(chosen: "QuerySet[Conversation]") -> "QuerySet[Conversation]":
        if chosen.query.is_empty():
            return chosen
        # As text: in a sub-query of Django its own name for the table is another.
        ids, values = chosen.values("pk").query.sql_with_params()
        is_chosen = f"support_conversation.id = ANY(ARRAY({ids}))"
        shown = Conversation.objects.filter(
            RawSQL(is_chosen, values, output_field=BooleanField())  # noqa: S611
        )
        return as_rows(shown, Filters()).order_by(*chosen.query.order_by)

    return paging.page(
        rows, by="last_mail_at", size=PER_PAGE, older=older, newer=newer, read=read
    )


def condition_of(tab: Tab, user: User) -> Q:
    """Which conversations stand in a tab of this person."""
    if tab in _STATES:
        return Q(state=_STATES[tab].value)
    owed = Q(state=ConversationState.OPEN.value)
    return owed & (Q(assignee=user) if tab is Tab.MINE else Q(assignee=None))


# Beside the name of a tab; of more it says so.
MOST_COUNTED = 99
_COUNTED = (Tab.MINE.value, Tab.UNASSIGNED.value, Tab.WAITING.value)


@dataclass(frozen=True)
class Around:
    """What stands around a list: what it can be narrowed by, and what its rows can be
    given, ids and names; how many drafts are one's own; whether a mail waits in "Could
    not be read"; how many conversations the tabs of what is not over have, each counted
    no further than MOST_COUNTED + 1."""

    mailboxes: Sequence[tuple[int, str]]
    tags: Sequence[tuple[int, str]]
    colleagues: Sequence[tuple[int, str]]
    drafts: int
    has_unreadable: bool
    counts: Mapping[str, int]


# Five small tables, and the first rows of an index for each count: as a query each,
# they took longer than the list itself.
# Who is away: as `support.services.away.lasting` has it. The counts: as `condition_of`
# has them.
_AROUND = """
SELECT
    (SELECT json_agg(json_build_array(id, name) ORDER BY name, id)
        FROM support_mailbox),
    (SELECT json_agg(json_build_array(id, name) ORDER BY name)
        FROM support_conversationtag),
    (SELECT json_agg(json_build_array(id, name, email, role, EXISTS (
            SELECT FROM support_absence away
            WHERE away.user_id = crm_user.id AND away.since <= %(now)s
                AND (away.until IS NULL OR away.until > %(now)s)
        )) ORDER BY name, id)
        FROM crm_user WHERE is_active),
    (SELECT count(*) FROM support_draft WHERE author_id = %(user)s),
    EXISTS (SELECT FROM support_rawmail WHERE state = %(unreadable)s),
    (SELECT count(*) FROM (SELECT FROM support_conversation
        WHERE state = 'open' AND assignee_id = %(user)s LIMIT %(most)s) mine),
    (SELECT count(*) FROM (SELECT FROM support_conversation
        WHERE state = 'open' AND assignee_id IS NULL LIMIT %(most)s) unassigned),
    (SELECT count(*) FROM (SELECT FROM support_conversation
        WHERE state = 'waiting' LIMIT %(most)s) waiting)
"""


def around(user: User, now: datetime) -> Around:
    """All of it for this person, in one query."""
    with connection.cursor() as cursor:
        values: dict[str, Any] = {
            "now": now,
            "user": user.pk,
            "unreadable": RawState.UNREADABLE.value,
            "most": MOST_COUNTED + 1,
        }
        cursor.execute(_AROUND, values)
        found = cursor.fetchone()
    mailboxes, tags, colleagues, drafts, has_unreadable, *counts = found
    return Around(
        mailboxes=[(pk, name) for pk, name in mailboxes or ()],
        tags=[(pk, name) for pk, name in tags or ()],
        colleagues=list(_colleagues(colleagues or ())),
        drafts=drafts,
        has_unreadable=has_unreadable,
        counts=dict(zip(_COUNTED, counts, strict=True)),
    )


def _colleagues(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[int, str]]:
    """Whom a conversation can be given to, and whether they are away."""
    for pk, name, email, role, is_away in rows:
        user = User(pk=pk, name=name, email=email, role=role)
        if user.can(Capability.REPLY):
            words = _("%(name)s (away)") % {"name": user} if is_away else str(user)
            yield pk, words


def tags() -> list[tuple[int, str]]:
    """The ids and names of all tags, by name."""
    return list(ConversationTag.objects.order_by("name").values_list("pk", "name"))
