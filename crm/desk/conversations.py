"""Conversations and follow-ups in the timeline."""

from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from psycopg import sql

from crm.models import Customer, FollowUp, Interaction
from crm.page_parts import TimelineEntry, TimelineSource, place_of, with_places
from crm.request_context import RequestContext
from crm.rules.choices import Channel, FollowUpState


def _interactions(
    context: RequestContext, customer: Customer, moments: dict[int, datetime]
) -> dict[int, TimelineEntry]:
    found = Interaction.objects.select_related("staff").filter(pk__in=moments)
    rows = with_places(context, found)
    return {row.pk: _interaction(context, row) for row in rows}


def _interaction(context: RequestContext, row: Interaction) -> TimelineEntry:
    sees = context.sees_notes
    hidden = _("Your role does not show what was written.")
    return TimelineEntry(
        key=f"interaction-{row.pk}",
        icon=_ICONS.get(row.channel, "note"),
        heading=channel_name(row.channel),
        at=row.happened_at,
        actor=row.by,
        tail=f"· {row.subject}" if row.subject and sees else "",
        body=row.body if sees else "",
        note=_notes(row) if sees else hidden,
        edit_url=_edit_url(context, row),
        page_url=_place_url(context, row),
    )


def _edit_url(context: RequestContext, row: Interaction) -> str:
    if not (context.sees_notes and context.logs_contact):
        return ""
    return reverse("crm:interaction-edit", args=[row.pk])


def _place_url(context: RequestContext, row: Interaction | FollowUp) -> str:
    place = place_of(context, row)
    return place.url if place else ""


_ICONS = {
    Channel.NOTE.value: "note",
    Channel.CALL.value: "phone",
    Channel.EMAIL.value: "mail-open",
    Channel.CHAT.value: "chat",
    Channel.VISIT.value: "shop",
    Channel.SOCIAL.value: "globe",
}


def channel_name(channel: str) -> str:
    """The word for a channel; the channel itself where we have none."""
    return {
        Channel.NOTE.value: _("Note"),
        Channel.CALL.value: _("Call"),
        Channel.EMAIL.value: _("Email"),
        Channel.CHAT.value: _("Chat"),
        Channel.VISIT.value: _("Visit"),
        Channel.SOCIAL.value: _("Social post"),
    }.get(channel, channel)


def _notes(row: Interaction) -> str:
    parts = [row.outcome] if row.outcome else []
    if row.version > 1:
        parts.append(_("Corrected; the text before is kept."))
    return " · ".join(parts)


def _follow_ups(
    context: RequestContext, customer: Customer, moments: dict[int, datetime]
) -> dict[int, TimelineEntry]:
    found = FollowUp.objects.select_related("assignee", "done_by")
    rows = with_places(context, found.filter(pk__in=moments))
    return {row.pk: _follow_up(context, row) for row in rows}


def _follow_up(context: RequestContext, row: FollowUp) -> TimelineEntry:
    state, tone = _state_of(row.state)
    return TimelineEntry(
        key=f"follow-up-{row.pk}",
        icon="flag",
        heading=_("Follow-up opened"),
        at=row.created_at,
        badge=state,
        badge_tone=tone,
        body=row.why if context.sees_notes else "",
        note=_follow_up_note(context, row),
        page_url=_place_url(context, row),
    )


def _state_of(state: str) -> tuple[str, str]:
    return {
        FollowUpState.DONE.value: (_("Done"), "good"),
        FollowUpState.DROPPED.value: (_("Dropped"), "off"),
        FollowUpState.TAKEN.value: (_("Taken"), "info"),
    }.get(state, (_("Open"), "info"))


def _follow_up_note(context: RequestContext, row: FollowUp) -> str:
    if row.done_at is not None:
        day = date_format(row.done_at.astimezone(context.zone), "j M")
        who = f"{row.done_by}, {day}" if row.done_by else day
        return f"{who}: {row.outcome}" if row.outcome and context.sees_notes else who
    due = date_format(row.due_on, "j M")
    if row.assignee is None:
        return _("Due %(day)s, for whoever is free") % {"day": due}
    return _("Due %(day)s, for %(name)s") % {"day": due, "name": row.assignee}


INTERACTIONS = TimelineSource(
    name="interaction",
    order=3,
    table="crm_interaction",
    at=sql.Identifier("happened_at"),
    filter="conversations",
    read=_interactions,
)
FOLLOW_UPS = TimelineSource(
    name="follow_up",
    order=6,
    table="crm_followup",
    at=sql.Identifier("created_at"),
    filter="conversations",
    read=_follow_ups,
)
