"""Where customers stand in automations of several steps, in words."""

from datetime import date, datetime, timedelta

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from crm.models import Customer
from messaging import stop_rules
from messaging.models import Message, Run
from messaging.rules.choices import RunState, State, StopRule
from messaging.selectors import outbox
from web import formats

_SHOWN_FOR = timedelta(days=30)


def roads(customer: Customer, *, now: datetime) -> list[str]:
    """One sentence for each run of theirs that is open, the newest first: "Welcome
    series: step 2 of 3 on 4 May; stops when they bought". Then those that were stopped
    in the last 30 days, and why."""
    planned = Message.objects.filter(
        run=OuterRef("pk"), step=OuterRef("step"), state=State.PLANNED.value
    )
    rows = (
        Run.objects.filter(customer=customer, state=RunState.OPEN.value)
        .select_related("automation", "version")
        .annotate(planned_on=Subquery(planned.values("due_on")[:1]))
        .order_by("-id")
    )
    ahead = [_road(run, run.next_on or run.planned_on) for run in rows]
    return ahead + _stopped(customer, since=now - _SHOWN_FOR)


def _stopped(customer: Customer, *, since: datetime) -> list[str]:
    rows = Run.objects.filter(
        customer=customer, state=RunState.STOPPED.value, ended_at__gte=since
    )
    return [
        _("%(name)s: stopped after step %(step)s of %(of)s on %(day)s. %(why)s")
        % {
            "name": run.automation.name,
            "step": run.step,
            "of": len(run.version.content["steps"]),
            "day": _left_on(run.ended_at),
            "why": outbox.in_words(run.reason_code),
        }
        for run in rows.select_related("automation", "version").order_by("-id")
    ]


def _road(run: Run, day: date | None) -> str:
    steps = run.version.content["steps"]
    # The planned one, or the one that is waited for.
    number = min(run.step + (run.next_on is not None), len(steps))
    words = {
        "name": run.automation.name,
        "step": number,
        "of": len(steps),
        "day": formats.full_day(day) if day else "",
    }
    text = (
        _("%(name)s: step %(step)s of %(of)s on %(day)s")
        if day
        else _("%(name)s: step %(step)s of %(of)s")
    )
    parts = [text % words]
    if not run.automation.is_on:
        parts.append(_("waits, because the automation is off"))
    elif rules := _rules(steps, run):
        parts.append(_("stops when %(what)s") % {"what": rules})
    return "; ".join(parts)


def _rules(steps: list[dict[str, list[str]]], run: Run) -> str:
    """Of all that is still to come."""
    ahead = {rule for step in steps[run.step :] for rule in step["stop_on"]}
    if run.next_on is None and run.step > 1:
        ahead.update(steps[run.step - 1]["stop_on"])
    labels = [str(stop_rules.LABELS[rule]) for rule in StopRule if rule in ahead]
    return _(" or ").join(labels)


def why(message: Message) -> str:
    """Why a later step exists: which one, and when the one before it left."""
    run = message.run
    if run is None:
        return ""
    before = (
        run.messages.filter(step=message.step - 1, final_at__isnull=False)
        .exclude(state=State.SUPERSEDED.value)
        .order_by("-id")
        .first()
    )
    words = {
        "step": message.step,
        "of": len(run.version.content["steps"]),
        "name": run.automation.name,
        "version": run.version.number,
        "day": _left_on(before.final_at if before else run.started_at),
    }
    return (
        _(
            "Step %(step)s of %(of)s of “%(name)s” (version %(version)s); the one "
            "before it left on %(day)s."
        )
        % words
    )


def _left_on(moment: datetime | None) -> str:
    return formats.full_day(moment) if moment else ""
