"""How customers go through the steps of an automation.

A run begins in the transaction in which its first mail is planned. Each sweep then
looks at the runs of its automation: whose mail has left or ended meanwhile, whom a stop
rule ends, whose next step is due. A later step is planned by the statement of the first
one, with the same clock, days off and limits; nothing of it is asked of the kind.

Anyone who is under way goes on in the version in which they began, with its words,
waits and stop rules; the hour, the days and the order are those of today. Anyone who
got no mail yet follows each change. While an automation is off nothing goes and nothing
ends; what fell due meanwhile goes when it is on again, or lapses where its life is
over.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from psycopg.sql import SQL, Composable

from crm import selectors
from crm.personal_rows import Merge
from crm.rules import dates
from crm.services.merge_notes import note, noted
from messaging import stop_rules
from messaging.kinds import Due, Reason, Window
from messaging.models import Automation, Message, Run
from messaging.rules.choices import RunState, State, StopRule
from messaging.rules.runs import Ended, outcome
from messaging.services.reach import people_of
from messaging.sql import runs as sql
from messaging.sql.reach import inside

MERGED = "merged"
_STOPPED = "runs_stopped"
_SLICE = 1_000
_STOPPED_BY = {
    StopRule.BOUGHT: Reason("stopped_bought"),
    StopRule.ANSWERED: Reason("stopped_answered"),
    StopRule.WROTE: Reason("stopped_wrote"),
    StopRule.COMPLAINED: Reason("stopped_complained"),
    StopRule.LEFT_SEGMENT: Reason("stopped_left_segment"),
}
_CUSTOMER = SQL("run.customer_id")
_SINCE = SQL("run.started_at")


def begin(automation: Automation, ids: Sequence[int], *, now: datetime) -> None:
    """Runs of these first messages, in the version of today."""
    newest = automation.versions.latest("number")
    sql.begin(ids, version=newest.pk, now=now)


def due_steps(automation: Automation, window: Window) -> list[tuple[sql.DueStep, Due]]:
    """What planning may plan in the window, version by version and step by step."""
    days = window.first_on, window.last_on
    return [
        (step, sql.due(automation.pk, step, *days))
        for step in sql.due_steps(automation.pk, *days)
    ]


def note_planned(ids: Sequence[int]) -> None:
    """These messages are the step at which their runs are now."""
    if ids:
        sql.planned(ids)


def are_open(automation: Automation) -> bool:
    """Whether somebody is under way."""
    return automation.runs.filter(state=RunState.OPEN.value).exists()


def settle(automation: Automation, *, now: datetime) -> None:
    """Write down what the mails that ended mean for their runs."""
    shop = selectors.business().time_zone
    while mails := sql.ended(automation.pk, most=_SLICE):
        sql.write(
            {mail.run: outcome(_as_it_ended(mail, shop)) for mail in mails}, now=now
        )


def _as_it_ended(mail: sql.EndedMail, shop: str) -> Ended:
    zone = dates.zone_of(mail.time_zone, shop)
    return Ended(
        mail.step,
        State(mail.state),
        mail.reason_code,
        mail.due_on,
        dates.local_day(mail.final_at, zone),
        mail.next_wait,
    )


def stop_those_who(automation: Automation, window: Window, *, now: datetime) -> None:
    """End the runs that a rule stops before their next step."""
    for rule, holds, version in rules_of(automation, window, now):
        sql.stop(
            automation.pk,
            rule.value,
            holds,
            reason=_STOPPED_BY[rule].code,
            last_on=window.last_on,
            version=version,
            now=now,
        )


def stopped(messages: Sequence[Message], now: datetime) -> dict[int, Reason]:
    """Of later steps that are about to go, those whose run is over: message id to the
    reason."""
    by_run = {message.run_id: message.pk for message in messages if message.run_id}
    if not by_run:
        return {}
    over = Run.objects.filter(pk__in=by_run).exclude(state=RunState.OPEN.value)
    found = {pk: Reason("run_over") for pk in over.values_list("pk", flat=True)}
    for rule in StopRule:
        for holds, version in _asked(rule, by_run, now):
            stop = sql.stopped([*by_run], rule.value, holds, version=version)
            for pk in stop:
                found[pk] = _STOPPED_BY[rule]
    return {by_run[pk]: reason for pk, reason in found.items()}


def _asked(
    rule: StopRule, runs: dict[int, int], now: datetime
) -> list[tuple[Composable, int | None]]:
    """What a rule means for these runs, and for which version alone."""
    if rule is not StopRule.LEFT_SEGMENT:
        holds = stop_rules.condition(rule, customer=_CUSTOMER, since=_SINCE)
        return [(holds, None)] if holds else []
    rows = Run.objects.filter(pk__in=runs).order_by().distinct()
    versions = rows.values_list(
        "version", "version__content__audience", "automation__kind"
    )
    return [
        (left, version)
        for version, audience, kind in versions
        if (left := _left(audience, kind, now)) is not None
    ]


def rules_of(
    automation: Automation, window: Window, now: datetime
) -> list[tuple[StopRule, Composable, int | None]]:
    """Every rule with what it means, for those whose next step is due."""
    found: list[tuple[StopRule, Composable, int | None]] = []
    for rule in StopRule:
        holds = stop_rules.condition(rule, customer=_CUSTOMER, since=_SINCE)
        if holds is not None:
            found.append((rule, holds, None))
    steps = sql.due_steps(automation.pk, date.min, window.last_on)
    for version, audience in {(step.version, step.audience) for step in steps}:
        left = _left(audience, automation.kind, now)
        if left is not None:
            found.append((StopRule.LEFT_SEGMENT, left, version))
    return found


def _left(audience: str, kind: str, now: datetime) -> Composable | None:
    """Whether they are outside this audience; None: nobody can be."""
    business = selectors.business()
    people = people_of(
        kind, audience, country=business.country, today=business.day(now)
    )
    return None if people is None else SQL("NOT {}").format(inside(people, _CUSTOMER))


def lapse(automation: Automation, *, now: datetime) -> None:
    """End the runs whose next step could not be planned before its life was over."""
    life = timedelta(days=automation.life_days + 2)
    sql.lapse(automation.pk, before=(now - life).date(), now=now)


def stop(rows: QuerySet[Run], reason_code: str, *, now: datetime) -> int:
    """End those that are open; how many."""
    return rows.filter(state=RunState.OPEN.value).update(
        state=RunState.STOPPED.value,
        reason_code=reason_code,
        next_on=None,
        ended_at=now,
    )


def join(merge: Merge) -> None:
    """Two records become one person, who goes through an automation once at a time:
    the run of the kept one goes on."""
    theirs = Run.objects.filter(customer=merge.kept, state=RunState.OPEN.value)
    twice = Run.objects.filter(
        customer=merge.dropped,
        automation__in=theirs.values("automation"),
        state=RunState.OPEN.value,
    )
    days = dict(twice.values_list("pk", "next_on"))
    note(
        merge, _STOPPED, {pk: {"next_on": day and str(day)} for pk, day in days.items()}
    )
    stop(twice, MERGED, now=merge.now)


def part(merge: Merge) -> None:
    """They are two people again, once the rows have moved back: what `join` ended goes
    on where it was."""
    for pk, was in noted(merge, _STOPPED).items():
        ended = Run.objects.filter(pk=pk, customer=merge.dropped, reason_code=MERGED)
        ended.update(
            state=RunState.OPEN.value,
            reason_code="",
            next_on=was["next_on"],
            ended_at=None,
        )
