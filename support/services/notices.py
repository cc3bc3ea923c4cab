"""Tell colleagues what happens in conversations, in the ways that they chose.

Nobody is told of what they did themselves, while they are away, or a second time of a
conversation that they have not opened since. A mail waits a minute for what else comes,
and does not leave where everything in it was opened meanwhile.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from crm.access import Capability
from crm.models import User
from crm.services import audit
from messaging.models import Message
from messaging.rules.choices import State
from messaging.services import direct
from support.models import Conversation, Mailbox, Notice, NoticeChoice
from support.rules.choices import NoticeEvent, NoticeWay
from support.services import away

KIND = "conversation_notice"
GATHERED_FOR = timedelta(minutes=1)
# Who has not opened it by then may be told again.
KEPT = timedelta(days=30)
Choice = tuple[NoticeEvent, NoticeWay]


@transaction.atomic
def choose(
    user: User,
    wanted: Collection[Choice],
    *,
    now: datetime,
    mailbox: Mailbox | None = None,
) -> None:
    """Be told of these, in these ways, and of nothing else: in this mailbox, or (None)
    in every one for which they have chosen nothing of its own."""
    rows = {(event.value, way.value) for event, way in wanted}
    if mailbox is not None:
        heard = {event for event, _ in rows}
        rows |= {(event.value, "") for event in NoticeEvent if event.value not in heard}
    NoticeChoice.objects.filter(user=user, mailbox=mailbox).delete()
    NoticeChoice.objects.bulk_create(
        NoticeChoice(user=user, mailbox=mailbox, event=event, way=way)
        for event, way in sorted(rows)
    )
    audit.record("user.notices_chosen", f"user:{user.pk}", now=now)


@transaction.atomic
def choose_as_everywhere(user: User, mailbox: Mailbox, *, now: datetime) -> None:
    """Nothing of its own for this mailbox any more."""
    NoticeChoice.objects.filter(user=user, mailbox=mailbox).delete()
    audit.record("user.notices_chosen", f"user:{user.pk}", now=now)


def chosen(user: User, mailbox: Mailbox | None = None) -> set[Choice]:
    """What this colleague wants to be told of, in this mailbox or in general."""
    own = NoticeChoice.objects.filter(user=user, mailbox=mailbox)
    return {(NoticeEvent(row.event), NoticeWay(row.way)) for row in own if row.way}


def has_own(user: User, mailbox: Mailbox) -> bool:
    """Whether they have chosen for this mailbox by itself."""
    return NoticeChoice.objects.filter(user=user, mailbox=mailbox).exists()


def tell(
    event: NoticeEvent,
    conversation: Conversation,
    *,
    now: datetime,
    to: Collection[int] | None = None,
) -> None:
    """Tell it to those of the users `to` (None: of everybody) who chose it; in the
    transaction of what happened."""
    actor = audit.current_actor()
    wanted = NoticeChoice.objects.filter(
        Q(mailbox=None) | Q(mailbox=conversation.mailbox_id),
        event=event.value,
        user__is_active=True,
    )
    if to is not None:
        wanted = wanted.filter(user__in=to)
    if actor.kind == "user":
        wanted = wanted.exclude(user=actor.id)
    found = list(wanted.select_related("user").order_by("user_id", "way"))
    own = {choice.user_id for choice in found if choice.mailbox_id}
    choices = [
        choice
        for choice in found
        if choice.way and (choice.mailbox_id or choice.user_id not in own)
    ]
    gone = away.away(now) if choices else set()
    for choice in choices:
        may_read = choice.user.can(Capability.SEE_CONVERSATIONS)
        if may_read and choice.user_id not in gone:
            _tell(choice, conversation, now)


def _tell(choice: NoticeChoice, conversation: Conversation, now: datetime) -> None:
    notice, is_new = Notice.objects.get_or_create(
        user=choice.user,
        conversation=conversation,
        way=choice.way,
        defaults={"event": choice.event, "at": now},
    )
    if is_new and notice.way == NoticeWay.MAIL.value:
        notice.message = _waiting_mail(choice.user, now) or direct.post(
            kind=KIND,
            to=choice.user,
            occurrence=f"notice:{notice.pk}",
            wait=GATHERED_FOR,
            now=now,
        )
        notice.save(update_fields=["message"])


def _waiting_mail(user: User, now: datetime) -> Message | None:
    """Their mail that has not begun to leave, held until this transaction ends."""
    theirs = Notice.objects.filter(user=user, message__isnull=False)
    waiting = Message.objects.filter(
        pk__in=theirs.values("message"),
        state=State.PLANNED.value,
        attempts=0,
        not_before__gt=now,
    )
    return waiting.select_for_update(of=("self",), no_key=True).first()


def opened(conversation: Conversation, user: User) -> None:
    """They see it now, so that the next event is news again."""
    Notice.objects.filter(user=user, conversation=conversation).delete()


def forget(now: datetime) -> int:
    """Delete what was never opened; how many."""
    gone, _ = Notice.objects.filter(at__lt=now - KEPT).delete()
    return gone
