"""First steps of members: which there are, what each brings, and which are done."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from loyalty.choices import EarnEvent
from loyalty.models import Entry, Membership, RuleVersion
from loyalty.sql import member_lines
from loyalty.sql import members as sql


@dataclass(frozen=True)
class Step:
    """A task, by the version in force, and the entry of having done it, or None."""

    version: RuleVersion
    done: Entry | None

    def name(self, language: str) -> str:
        """What it is called in a language, else by the team."""
        rule = self.version.rule
        named = {row.language: row.name for row in rule.words.all()}
        return named.get(language) or rule.name


def steps(
    members: Sequence[Membership], *, today: date
) -> Mapping[int, Sequence[Step]]:
    """By membership the steps of its programme that are for its member, the first named
    first. One query where there are none, else so many, however many there are."""
    found: defaultdict[int, list[Step]] = defaultdict(list)
    programmes = {row.programme_id for row in members}
    if not member_lines.has_steps(programmes):
        return found
    versions = _versions(programmes)
    done = _done(members, [one.rule_id for one in versions])
    for member in members:
        for one in versions:
            if one.rule.programme_id != member.programme_id:
                continue
            entry = done.get((member.customer_id, one.rule_id))
            if entry or sql.for_whom(one, [member.customer_id], today=today):
                found[member.pk].append(Step(one, entry))
    return found


def _versions(programmes: set[int]) -> list[RuleVersion]:
    rows = RuleVersion.objects.filter(
        rule__programme__in=programmes,
        rule__event=EarnEvent.STEP.value,
        rule__ended_at=None,
    )
    rows = rows.order_by("rule_id", "-number").distinct("rule_id")
    rows = rows.select_related("rule")
    return list(rows.prefetch_related("rule__words", "only_for", "not_for"))


def _done(
    members: Sequence[Membership], rules: Sequence[int]
) -> dict[tuple[int, int], Entry]:
    """By customer and rule, also of records that were merged into theirs."""
    customers = [row.customer_id for row in members]
    ours = Q(membership__customer__in=customers) | Q(
        membership__customer__merged_into__in=customers
    )
    rows = Entry.objects.filter(ours, rule_version__rule__in=rules, undoes=None)
    rows = rows.filter(undone_by=None).select_related(
        "rule_version", "membership__customer", "by"
    )
    found = {}
    for row in rows.order_by("pk"):
        assert row.rule_version is not None
        person = row.membership.customer
        key = person.merged_into_id or person.pk, row.rule_version.rule_id
        found[key] = row
    return found
