"""Where customers stand in automations of several steps, in words."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from crm.models import Customer
from messaging import stop_rules
from messaging.models import Message, Run
from messaging.rules.choices import RunState, State, StopRule
from messaging.selectors import outbox
from web import formats

_SHOWN_FOR = timedelta(days=30)


def series_of(customer: Customer, *, now: datetime) -> list[str]:
    """One sentence for each run of theirs that is open, the newest first: "Welcome
    series: step 2 of 3 on 4 May; step 1 went on 1 May; stops when they bought". Then
    those that ended in the last 30 days, and how."""
    planned = Message.objects.filter(
        run=OuterRef("pk"), step=OuterRef("step"), state=State.PLANNED.value
    )
    is_recent = Q(ended_at__gte=now - _SHOWN_FOR)
    rows = list(
        Run.objects.filter(is_recent | Q(state=RunState.OPEN.value), customer=customer)
        .select_related("automation", "version")
        .annotate(planned_on=Subquery(planned.values("due_on")[:1]))
        .order_by("-id")
    )
    went = _went(rows)
    ahead = [run for run in rows if run.state == RunState.OPEN.value]
    over = [run for run in rows if run.state != RunState.OPEN.value]
    return [_under_way(run, went[run.pk]) for run in ahead] + [
        _ended(run, went[run.pk]) for run in over
    ]


def _went(runs: Sequence[Run]) -> dict[int, list[str]]:
    """Of each run, when its mails left: "step 1 went on 1 May"."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = Message.objects.filter(run__in=runs, state=State.SENT.value)
    for run, step, left in rows.order_by("step").values_list("run", "step", "final_at"):
        words = {"step": step, "day": _left_on(left)}
        found[run].append(_("step %(step)s went on %(day)s") % words)
    return found


def _ended(run: Run, went: list[str]) -> str:
    text = (
        _("%(name)s: all steps are done")
        if run.state == RunState.DONE.value
        else _("%(name)s: stopped after step %(step)s of %(of)s on %(day)s. %(why)s")
    )
    words = {
        "name": run.automation.name,
        "step": run.step,
        "of": len(run.version.content["steps"]),
        "day": _left_on(run.ended_at),
        "why": outbox.in_words(run.reason_code) if run.reason_code else "",
    }
    return "; ".join([(text % words).strip(), *went])


def _under_way(run: Run, went: list[str]) -> str:
    steps = run.version.content["steps"]
    day: date | None = run.next_on or run.planned_on  # type: ignore[attr-defined]
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
    parts = [text % words, *went]
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
