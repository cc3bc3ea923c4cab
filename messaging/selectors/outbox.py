"""What the outbox shows: tabs, pages by the last row seen, words for every state."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from messaging import kinds
from messaging.models import Message
from messaging.rules.choices import State, Transport
from messaging.rules.outlook import Outlook
from messaging.rules.send_decision import Code
from messaging.selectors.outlooks import in_short, outlooks, stored_reason
from messaging.services.messages import LEFT_AS_IS
from web import paging

SIZE = 50
# What became of a mail where no mail server is set up; in the ledger it is sent.
KEPT = "kept"


class Tab(StrEnum):
    """The tabs of the outbox."""

    PLANNED = "planned"
    HELD = "held"
    DECIDE = "decide"
    SENT = "sent"
    FAILED = "failed"


# Views of "Held back", first what still may go.
HELD_VIEWS: dict[str, Any] = {
    "later": _("Later"),
    State.SUPPRESSED.value: _("Not sent"),
    State.EXPIRED.value: _("Too late"),
    State.CANCELLED.value: _("Cancelled"),
    State.SUPERSEDED.value: _("Replaced"),
    State.UNCERTAIN.value: _("Unsure"),  # and was left as it is
}


@dataclass(frozen=True)
class Row:
    """One line of the outbox. `at` is when it goes, or when it ended."""

    message: Message
    kind: str | Promise
    chip: str
    reason: str | Promise
    at: datetime


@dataclass(frozen=True)
class OutboxPage:
    """One page of the outbox."""

    tab: Tab
    view: str
    rows: list[Row]
    newer: str
    older: str
    waiting: int


def outbox(
    tab: Tab, *, view: str, kind: str, older: str, newer: str, now: datetime
) -> OutboxPage:
    """One page of one tab. `waiting` counts what needs a person."""
    found, by, oldest_first = rows_in(tab, view)
    if kind:
        found = found.filter(kind=kind)
    page = paging.page(
        found.select_related("customer", "user"),
        by=by,
        size=SIZE,
        older=older,
        newer=newer,
        oldest_first=oldest_first,
    )
    found_ahead = outlooks(page.rows, now=now)
    return OutboxPage(
        tab=tab,
        view=view,
        rows=[row_of(message, found_ahead.get(message.pk)) for message in page.rows],
        newer=page.newer,
        older=page.older,
        waiting=undecided().count(),
    )


def undecided() -> "QuerySet[Message]":
    """It is unknown whether these left, and no person has decided yet."""
    return Message.objects.filter(state=State.UNCERTAIN.value).exclude(
        reason_code=LEFT_AS_IS
    )


def rows_in(tab: Tab, view: str) -> tuple["QuerySet[Message]", str, bool]:
    """The rows of a tab, the moment they are ordered by, whether oldest first."""
    planned = Message.objects.filter(state=State.PLANNED.value)
    if tab is Tab.PLANNED:
        return planned.filter(deferred_reason=""), "not_before", True
    if tab is Tab.HELD and view == "later":
        return planned.exclude(deferred_reason=""), "not_before", True
    if tab is Tab.DECIDE:
        return undecided(), "final_at", False
    state = {Tab.HELD: view, Tab.SENT: State.SENT.value}.get(tab, State.FAILED.value)
    return Message.objects.filter(state=state), "final_at", False


def row_of(message: Message, outlook: Outlook | None = None) -> Row:
    """`outlook` of a planned one: see messaging/selectors/outlooks."""
    return Row(
        message=message,
        kind=kind_label(message.kind),
        chip=chip_of(message, outlook),
        reason=reason_of(message, outlook),
        at=message.final_at or message.not_before,
    )


def kind_label(name: str) -> str | Promise:
    """The kind's own word; a kind that a later version dropped keeps its name."""
    kind = kinds.find(name)
    return kind.label if kind else name


def not_kept(message: Message) -> str | Promise:
    """Why the mail is not read here once it is written; empty where it is."""
    kind = kinds.find(message.kind)
    return "" if kind is None or kind.keeps_body else kind.not_kept


def chip_of(message: Message, outlook: Outlook | None = None) -> str:
    """The name of the state that a chip shows; see `message_chips`."""
    if outlook is not None and outlook.lapses:
        return "lapses"
    reason = outlook.reason if outlook else stored_reason(message)
    if message.state == State.PLANNED.value and reason is not None:
        if reason.code == Code.ON_HOLD:
            return "on_hold"
        if reason.code == Code.HELD_OUT:
            return "held_out"
        return "later" if message.deferred_reason else message.state
    return state_of(message)


def state_of(message: Message) -> str:
    """The state as people and the API read it: what is only kept here was not sent."""
    is_sent = message.state == State.SENT.value
    return KEPT if is_sent and is_kept(message) else message.state


def in_state(rows: "QuerySet[Message]", state: str) -> "QuerySet[Message]":
    """Those of the rows for which `state_of` returns this."""
    if state not in {KEPT, State.SENT.value}:
        return rows.filter(state=state)
    sent = rows.filter(state=State.SENT.value)
    kept = Q(transport=Transport.OUTBOX.value)
    return sent.filter(kept if state == KEPT else ~kept)


def is_kept(message: Message) -> bool:
    """Written while no mail server was set up: it is here and nowhere else."""
    return message.transport == Transport.OUTBOX.value


def reason_of(message: Message, outlook: Outlook | None = None) -> str | Promise:
    """Why it waits or why it did not go, in words; empty for the normal course."""
    if outlook is not None:
        reason = outlook.reason
        if reason is None or chip_of(message, outlook) == State.PLANNED.value:
            return ""
        return in_short(outlook, in_words(reason.code))
    # Why it ended before why it had waited.
    code = message.reason_code or message.deferred_reason
    if message.state == State.SENT.value or not code:
        return ""
    return in_words(code)


def in_words(code: str) -> str | Promise:
    """A reason of this or of an older version."""
    return REASONS.get(code) or code.replace("_", " ")


# Every code that a message may carry; a test reads them out of the source.
REASONS: dict[str, Promise] = {
    # What messaging itself decides (messaging/rules/send_decision.py).
    "customer_gone": _("Merged or erased"),
    "colleague_gone": _("No longer works here"),
    "no_address": _("No address"),
    "bounced": _("The address bounced"),
    "complained": _("Marked our mail as spam"),
    "erased": _("Erased"),
    "blocked_by_staff": _("Blocked by staff"),
    "is_staff": _("A member of staff"),
    "opted_out": _("Opted out"),
    "no_consent": _("No consent"),
    "no_ground": _("No ground: no order, and no words of the shop"),
    "too_late": _("Its time was over before it could go"),
    "on_hold": _("On hold"),
    "contact_limit": _("Contact limit"),
    "same_address": _("Another record with this address got it that day"),
    "day_off": _("A day on which it does not go"),
    "quiet_hours": _("Quiet hours"),
    "held_out": _("Held out by lot, to see what the mail does"),
    # What people decide.
    "cancelled_by_staff": _("Cancelled by a person"),
    "automation_off": _("The automation was switched off"),
    "superseded_switched_off": _("The automation was switched off"),
    "campaign_stopped": _("The campaign was stopped"),
    "records_parted": _("Two merged records were taken apart"),
    "got_already": _("A record that was merged into this one got it"),
    "superseded_settings_changed": _("The automation changed"),
    "superseded_left_audience": _("Left the audience of the automation"),
    "superseded_another_first": _("Another automation of this kind goes first"),
    "stopped_bought": _("They bought meanwhile"),
    "stopped_answered": _("They answered a survey meanwhile"),
    "stopped_wrote": _("They wrote or spoke to us meanwhile"),
    "stopped_complained": _("They complained meanwhile"),
    "stopped_left_segment": _("They left the audience meanwhile"),
    "moved_to_its_end": _("Moved to a version without this step"),
    "run_over": _("The series was over"),
    LEFT_AS_IS: _("Nobody knows whether it left, and a person let it be"),
    # What the kinds find when its time comes.
    "superseded_date_changed": _("The day changed"),
    "superseded_another_says_it": _("Another mail of that day says it"),
    "said_already": _("Another mail of that day said it"),
    "superseded_delivery_moved": _("The delivery moved"),
    "order_cancelled": _("The order was cancelled"),
    "order_returned": _("Everything was sent back"),
    "order_gone": _("The order is gone"),
    "opened_already": _("Was opened meanwhile"),
    "digest_not_wanted": _("Did not want it any more"),
    "already_answered": _("Answered already"),
    "already_reviewed": _("Reviewed already"),
    "already_reordered": _("Bought again already"),
    "reminder_refused": _("The customer wants no reminder of it"),
    "reminder_put_off": _("The customer put it off"),
    "nothing_to_suggest": _("Nothing of it is left to suggest"),
    "product_gone": _("No product to remind of any more"),
    "invitation_revoked": _("The survey was called off"),
    "invitation_expired": _("The survey was over"),
    "invitation_declined": _("Said no on the page of the survey"),
    "earning_taken_back": _("What they earned was taken back meanwhile"),
    "balance_used": _("Used meanwhile, or run out"),
    "no_membership": _("Takes part in no programme any more"),
    # What a survey says of those whom it could ask.
    "survey_closed": _("The survey is not asked at present"),
    "survey_ended": _("The survey has ended"),
    "survey_has_enough": _("The survey has as many answers as it wants"),
    "survey_month_full": _("The survey has asked as many this month as it may"),
    "outside_sample": _("Not in the sample of the survey"),
    "declined_survey": _("Said no to a survey, and is left in peace"),
    "ignored_surveys": _("Left our last surveys unanswered, and is left in peace"),
    "not_asked_again": _("The survey does not ask again after such an answer"),
    "answer_left_out": _("The answer was left out of the figures"),
    "superseded_follow_up_reopened": _("The follow-up is open again"),
    "superseded_conversation_reopened": _("The conversation is open again"),
    "superseded_conversation_moved": _("The conversation is with somebody else"),
    "conversation_gone": _("The conversation is gone"),
    # What the reward of its step lacks.
    "codes_empty": _("Waits for codes: the pool of its reward is empty"),
    "reward_out_of_stock": _("Waits: none of its reward is left"),
    "reward_over_budget": _("Waits: the year’s budget of its reward is spent"),
    "reward_limit": _("Has as many of its reward as one may have for now"),
    "reward_gone": _("The reward was used, taken back or has run out"),
    "offer_already": _("Waits: has an offer that is still good"),
    "reward_archived": _("Waits: its reward was put away"),
    # What became of it on its way out.
    "unknown_kind": _("This version no longer sends such mails"),
    "not_asked": _("Something broke while it was checked; it is tried again"),
    "render_failed": _("The mail could not be written"),
    "too_many_attempts": _("Tried too often"),
    "no_such_mailbox": _("The mailbox does not exist"),
    "refused": _("The mail server refused it"),
    "soft_bounce": _("It came back: the mailbox is full or away for now"),
    "never_accepted": _("The mail server put it off until it was too late"),
    "policy_refused": _("The recipient’s mail server refused it; it is tried again"),
    "refused_by_policy": _("The recipient’s mail server refused it each time"),
    "server_said_later": _("The mail server asked us to wait"),
    "transport_refused": _("The mail server refuses us"),
    "no_answer": _("The mail server hung up at the last moment"),
    "due_before_restore": _("Due before the database was put back; it may have left"),
}


def is_undecided(message: Message) -> bool:
    """Whether it is uncertain and no person has decided yet."""
    return message.state == State.UNCERTAIN.value and message.reason_code != LEFT_AS_IS


def kind_choices() -> list[tuple[str, str | Promise]]:
    """Name and label of every kind, for a select box."""
    return [(kind.name, kind.label) for kind in kinds.all_kinds()]
