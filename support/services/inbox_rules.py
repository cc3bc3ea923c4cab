"""Rules of the inbox: kept in order, tried out, applied where a conversation begins.

A rule looks at the mail that begins a conversation, never at history, and sends
nothing; what it does triggers no other rule. So nothing can go round in a circle.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Max

from crm.services import audit
from support.errors import InboxRuleExists
from support.models import Conversation, InboxRule, Mail
from support.rules.choices import ConversationKind, Direction
from support.rules.matching import Conditions, Seen, fits
from support.services import away, conversations, tags
from web.errors import InvalidValue, StaleVersion
from web.rules import text

# So many of the last mails a rule is tried on.
TRIED_ON = 100
_WORDS = ("sender", "recipient", "subject", "body")
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('support_inboxrule', 0))"


def save(
    rule: InboxRule | None, values: dict[str, Any], *, version: int, now: datetime
) -> InboxRule:
    """Make one, at the end, or change one. `values`: its fields; `tag` is a name.

    Raises InvalidValue for a rule that asks or does nothing, StaleVersion, and
    InboxRuleExists for a name that is taken.
    """
    try:
        with transaction.atomic():
            return _saved(rule, values, version, now)
    except IntegrityError as error:
        raise InboxRuleExists from error


def _saved(
    rule: InboxRule | None, values: dict[str, Any], version: int, now: datetime
) -> InboxRule:
    row = _fresh() if rule is None else _locked(rule, version)
    cleaned = {**values, "name": text.one_line(values["name"], field="name", most=80)}
    for name in _WORDS:
        cleaned[name] = text.one_line(values[name], field=name, most=500)
    typed = cleaned.pop("tag")
    cleaned["tag"] = tags.tag_named(typed) if typed else None
    for name, value in cleaned.items():
        setattr(row, name, value)
    _check(row)
    if rule is not None:
        row.version += 1
    row.save()
    _record("changed" if rule else "created", row, now, fields=sorted(cleaned))
    return row


def _check(row: InboxRule) -> None:
    does = (row.assignee_id, row.tag_id, row.kind, row.closes, row.is_spam)
    wrong = {}
    if not row.name:
        wrong["name"] = "required"
    if row.conditions.is_empty:
        wrong["sender"] = "rule_asks_nothing"
    if not any(does):
        wrong["assignee"] = "rule_does_nothing"
    if wrong:
        raise InvalidValue(fields=wrong)


def _fresh() -> InboxRule:
    _lock()
    last = InboxRule.objects.aggregate(last=Max("position"))["last"] or 0
    return InboxRule(position=last + 1)


def _locked(rule: InboxRule, version: int) -> InboxRule:
    row = InboxRule.objects.select_for_update().get(pk=rule.pk)
    if row.version != version:
        raise StaleVersion
    return row


@transaction.atomic
def switch(rule: InboxRule, *, on: bool, now: datetime) -> None:
    """Switch it on or off."""
    InboxRule.objects.filter(pk=rule.pk).update(is_on=on)
    _record("switched_on" if on else "switched_off", rule, now)


@transaction.atomic
def move(rule: InboxRule, *, up: bool, now: datetime) -> None:
    """Change places with its neighbour; at an end it stays."""
    _lock()
    rows = list(InboxRule.objects.order_by("position", "pk"))
    at = next((number for number, row in enumerate(rows) if row.pk == rule.pk), -1)
    other = at - 1 if up else at + 1
    if at < 0 or not 0 <= other < len(rows):
        return
    rows[at], rows[other] = rows[other], rows[at]
    for position, row in enumerate(rows, start=1):
        if row.position != position:
            InboxRule.objects.filter(pk=row.pk).update(position=position)
    _record("moved", rule, now)


@transaction.atomic
def delete(rule: InboxRule, *, now: datetime) -> None:
    """Delete it; what it did stays."""
    _record("deleted", rule, now)
    InboxRule.objects.filter(pk=rule.pk).delete()


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)


# --- Tried and applied ---------------------------------------------------------------


def tried(conditions: Conditions) -> list[Mail]:
    """Of the last mails that came in, those that fit, newest first."""
    came = Mail.objects.filter(direction=Direction.IN.value)
    last = came.select_related("conversation").order_by("-at", "-pk")[:TRIED_ON]
    return [mail for mail in last if fits(conditions, _seen(mail))]


def apply(conversation: Conversation, mail: Mail, *, now: datetime) -> Conversation:
    """Do what the rules want with the conversation that this mail begins.

    Every rule that fits counts, in order; of two that assign or say a kind, the first.
    """
    seen = _seen(mail)
    rules = InboxRule.objects.filter(is_on=True).select_related("assignee", "tag")
    # The default of the mailbox gives way to a rule, the first rule to no other.
    is_given = False
    for rule in [one for one in rules if fits(one.conditions, seen)]:
        is_given = _do(conversation, rule, now, is_given=is_given)
        _record("applied", rule, now, customer_id=conversation.customer_id)
        conversation.refresh_from_db()
    return conversation


def _do(row: Conversation, rule: InboxRule, now: datetime, *, is_given: bool) -> bool:
    """Whether a rule has given it to somebody by now."""
    if rule.tag is not None:
        tags.put(row, tag=rule.tag, now=now)
    if rule.kind and not row.kind:
        row = conversations.classify(row, kind=ConversationKind(rule.kind), now=now)
    colleague = away.if_there(rule.assignee, now=now)
    if colleague is not None and not is_given:
        row = conversations.assign(row, assignee=colleague, now=now)
        is_given = True
    if rule.is_spam:
        conversations.mark_as_spam(row, by=None, now=now)
    elif rule.closes and not row.is_closed:
        conversations.close(row, by=None, now=now)
    return is_given


def _seen(mail: Mail) -> Seen:
    named: Sequence[Sequence[str]] = (*mail.to, *mail.cc)
    return Seen(
        sender=f"{mail.from_name} {mail.from_address}",
        recipients=[part for pair in named for part in pair],
        subject=mail.subject,
        body=mail.text,
        mailbox_id=mail.conversation.mailbox_id,
        language=mail.conversation.language,
    )


def _record(
    verb: str,
    rule: InboxRule,
    now: datetime,
    *,
    fields: Sequence[str] = (),
    customer_id: int | None = None,
) -> None:
    audit.record(
        f"inbox_rule.{verb}",
        f"inbox_rule:{rule.pk}",
        fields=fields,
        customer_id=customer_id,
        now=now,
    )
