"""Contacts: logged once, edited with the old text kept."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from crm.errors import CustomerGone, SourceKeyTaken
from crm.models import Customer, Interaction, InteractionVersion, User
from crm.rules import dates
from crm.rules.choices import Channel, Direction
from crm.services import audit
from web.errors import InvalidValue, StaleVersion
from web.rules import text

MOST_BODY = 20_000


@transaction.atomic
def log_interaction(
    *,
    customer: Customer,
    channel: str,
    body: str,
    now: datetime,
    subject: str = "",
    direction: str = "",
    happened_at: datetime | None = None,
    staff: User | None = None,
    outcome: str = "",
    source_key: str | None = None,
) -> Interaction:
    """One conversation on the record. The same source_key twice is one row.

    Raises SourceKeyTaken where it stands for another conversation. A moment that is
    not given fits any.
    """
    if not customer.is_live:
        raise CustomerGone
    values = {
        "customer": customer,
        "channel": _word(Channel, channel, "channel"),
        "direction": _word(
            Direction, direction or _default_direction(channel), "direction"
        ),
        "happened_at": _past(happened_at or now, now),
        "staff": staff,
        "subject": text.one_line(subject, field="subject", most=200),
        "body": _cleaned_body(body),
        "outcome": text.one_line(outcome, field="outcome", most=200),
        "created_at": now,
    }
    if source_key is None:
        interaction, created = Interaction.objects.create(**values), True
    else:
        interaction, created = Interaction.objects.get_or_create(
            source_key=_key(source_key), defaults=values
        )
    if not created:
        given = values if happened_at else values | {"happened_at": None}
        if not _is_unchanged(interaction, given):
            raise SourceKeyTaken(fields={"source_key": "already_exists"})
        return interaction
    audit.record(
        "interaction.logged",
        f"interaction:{interaction.pk}",
        customer_id=customer.pk,
        now=now,
    )
    return interaction


def _is_unchanged(interaction: Interaction, values: Mapping[str, Any]) -> bool:
    """By what was logged, whatever staff have corrected since."""
    logged = interaction.versions.order_by("version").first() or interaction
    parts = [
        (interaction, ("customer", "channel", "direction")),
        (logged, ("subject", "body", "outcome")),
    ]
    same = all(
        getattr(row, name) == values[name] for row, names in parts for name in names
    )
    return same and values["happened_at"] in (None, interaction.happened_at)


@transaction.atomic
def edit_interaction(
    interaction: Interaction,
    *,
    version: int,
    body: str,
    now: datetime,
    subject: str = "",
    outcome: str = "",
    staff: User | None = None,
) -> Interaction:
    """Replace the text; what stood before is kept as a version."""
    locked = Interaction.objects.select_for_update().get(pk=interaction.pk)
    if locked.version != version:
        raise StaleVersion
    InteractionVersion.objects.create(
        interaction=locked,
        version=locked.version,
        subject=locked.subject,
        body=locked.body,
        outcome=locked.outcome,
        replaced_at=now,
        replaced_by=staff,
    )
    locked.body = _cleaned_body(body)
    locked.subject = text.one_line(subject, field="subject", most=200)
    locked.outcome = text.one_line(outcome, field="outcome", most=200)
    locked.version += 1
    locked.save(update_fields=["body", "subject", "outcome", "version"])
    audit.record(
        "interaction.edited",
        f"interaction:{locked.pk}",
        customer_id=locked.customer_id,
        fields=["body", "subject", "outcome"],
        now=now,
    )
    return locked


def _key(source_key: str) -> str:
    key = text.one_line(source_key, field="source_key", most=120)
    if not key:
        raise InvalidValue(fields={"source_key": "required"})
    return key


def _word(choices: type[Channel] | type[Direction], value: str, field: str) -> str:
    try:
        return str(choices(value).value)
    except ValueError:
        raise InvalidValue(fields={field: "unknown"}) from None


def _default_direction(channel: str) -> str:
    return (Direction.INTERNAL if channel == Channel.NOTE else Direction.OUTBOUND).value


def _past(moment: datetime, now: datetime) -> datetime:
    if moment < dates.EARLIEST:
        raise InvalidValue(fields={"happened_at": "not_in_range"})
    # A few minutes of grace for clocks that differ.
    if moment > now + timedelta(minutes=5):
        raise InvalidValue(fields={"happened_at": "in_the_future"})
    return moment


def _cleaned_body(body: str) -> str:
    cleaned = text.many_lines(body, field="body", most=MOST_BODY)
    if not cleaned:
        raise InvalidValue(fields={"body": "required"})
    return cleaned
