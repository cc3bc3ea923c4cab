"""What a person has in each programme, as their own page and the till show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Prefetch, prefetch_related_objects

from crm.models import Customer
from loyalty import member_words, reward_words
from loyalty.choices import ProgrammeKind, Unit, WhoTakesPart
from loyalty.member_lines import (
    MOST_LINES,
    Line,
    counts,
    lines_of,
    rewards_of,
)
from loyalty.models import (
    Grant,
    Membership,
    Programme,
    ProgrammeReward,
)
from loyalty.rules import code128
from loyalty.selectors import programmes as selectors
from loyalty.selectors.programmes import Standing
from loyalty.selectors.steps import Step, steps
from loyalty.sql import member_lines
from loyalty.sql import members as members_sql
from loyalty.sql.member_lines import Change
from web import formats

MOST_CODES = 10
# A square is as heavy as ten lines: later codes have bars alone.
MOST_SQUARES = 3
# Longer texts have bars that are too thin on the screen of a phone.
MOST_BARS = 24


@dataclass(frozen=True)
class Offer:
    """A reward of a programme, and whether there is enough for it."""

    row: ProgrammeReward
    name: str
    price: str
    is_enough: bool


@dataclass(frozen=True)
class Card:
    """A punch card: `stamps` says of each place whether it is stamped; `left` until
    the reward."""

    stamps: Sequence[bool]
    done: int
    left: int
    reward: str

    @property
    def width(self) -> int:
        """Of its drawing, in pixels."""
        return 28 * len(self.stamps)


@dataclass(frozen=True)
class StepLine:
    """A first step: what to do, what it brings, and on which day it was done."""

    name: str
    units: str
    done_on: date | None


@dataclass(frozen=True)
class Part:
    """One programme for one person. Without `member` they may join it; `begins`: in
    words the day ahead from which orders earn."""

    programme: Programme
    name: str
    terms: str
    member: Membership | None
    standing: Standing | None = None
    balance: str = ""
    worth: str = ""
    notes: Sequence[str] = ()
    card: Card | None = None
    offers: Sequence[Offer] = ()
    lines: Sequence[Line] = ()
    has_older: bool = False
    steps: Sequence[StepLine] = ()
    may_leave: bool = False
    begins: str = ""


def parts(
    customer: Customer, *, language: str, today: date, with_fresh: bool = False
) -> list[Part]:
    """All that they take part in, then what they may join. `with_fresh`: also
    programmes that nobody has to join and in which they have nothing yet. So many
    queries, however many programmes there are, and one for each of those that is for
    some alone."""
    rows = Membership.objects.filter(customer=customer).select_related("programme")
    theirs = {row.programme_id: row for row in rows if counts(row)}
    on = member_lines.switched_on(theirs, with_fresh=with_fresh)
    begins = {pk: day for pk, day in on.items() if day > today}
    found = [row.programme for row in theirs.values()]
    if others := on.keys() - theirs.keys():
        programmes = Programme.objects.filter(pk__in=others)
        programmes = programmes.select_related("segment", "left_out")
        for one in programmes.order_by("name", "pk"):
            if not _is_for(one, customer, today):
                continue
            found.append(one)
            if one.takes_part != WhoTakesPart.JOINING.value:
                theirs[one.pk] = _fresh(one, customer, today)
    offers = ProgrammeReward.objects.filter(reward__archived_at=None)
    prefetch_related_objects(
        found,
        "words",
        Prefetch(
            "offers",
            offers.select_related("reward").prefetch_related("reward__words"),
        ),
    )
    members = list(theirs.values())
    changes = member_lines.latest([row.pk for row in members], MOST_LINES + 1)
    read = _Read(
        selectors.standings_of(members, today=today),
        changes,
        rewards_of([one for lines in changes.values() for one in lines], language),
        steps(members, today=today),
        begins,
    )
    return [_part(one, theirs.get(one.pk), read, language) for one in found]


@dataclass(frozen=True)
class _Read:
    """By membership, read for all at once."""

    standings: Mapping[int, Standing]
    changes: Mapping[int, Sequence[Change]]
    # What the rewards behind them are called.
    rewards: Mapping[int, str]
    tasks: Mapping[int, Sequence[Step]]
    # By programme the day ahead from which orders earn.
    begins: Mapping[int, date]


def _is_for(programme: Programme, customer: Customer, today: date) -> bool:
    """Whether it is for everybody, to join, or for some of whom they are one."""
    if programme.takes_part == WhoTakesPart.JOINING.value:
        return True
    if programme.segment_id is None and programme.left_out_id is None:
        return True
    return bool(members_sql.who_may(programme, [customer.pk], today=today))


def _fresh(programme: Programme, customer: Customer, today: date) -> Membership:
    """A membership that the first earning makes. It has no row yet; below zero its
    number belongs to no one, so that it is read like the others."""
    return Membership(
        pk=-programme.pk,
        programme=programme,
        customer=customer,
        balance=Decimal(0),
        owed=Decimal(0),
        active_on=today,
    )


def _part(
    programme: Programme,
    member: Membership | None,
    read: _Read,
    language: str,
) -> Part:
    words, name = programme.wording.get(language), programme.called(language)
    terms = words.terms if words else ""
    day = read.begins.get(programme.pk)
    begins = member_words.begins(day) if day else ""
    if member is None:
        return Part(programme, name, terms, None, begins=begins)
    standing = read.standings[member.pk]
    offers = [_offer(row, standing, language) for row in programme.offers.all()]
    changes = read.changes.get(member.pk, ())
    worth = ""
    if standing.worth and programme.unit != Unit.MONEY.value:
        worth = formats.money(standing.worth, standing.currency)
    return Part(
        programme,
        name,
        terms,
        member,
        standing,
        balance=member_words.units(programme, standing.balance),
        worth=worth,
        notes=member_words.notes(programme, standing),
        card=_card(programme, standing, offers),
        offers=offers,
        lines=lines_of(programme, changes[:MOST_LINES], read.rewards),
        has_older=len(changes) > MOST_LINES,
        steps=[
            StepLine(
                one.name(language),
                member_words.units(programme, one.version.units),
                one.done.on if one.done else None,
            )
            for one in read.tasks.get(member.pk, ())
        ],
        may_leave=member.left_at is None
        and programme.takes_part == WhoTakesPart.JOINING.value,
        begins=begins,
    )


def _offer(row: ProgrammeReward, standing: Standing, language: str) -> Offer:
    return Offer(
        row,
        reward_words.called(row.reward, row.reward.wording.get(language)),
        member_words.units(row.programme, row.price),
        standing.spendable >= row.price,
    )


def _card(
    programme: Programme, standing: Standing, offers: Sequence[Offer]
) -> Card | None:
    """The card that is being filled: what makes whole ones is to be taken below it."""
    if programme.kind != ProgrammeKind.PUNCH_CARD.value or not offers:
        return None
    first = min(offers, key=lambda one: one.row.price)
    size, have = int(first.row.price), int(max(standing.balance, Decimal(0)))
    done = size if have and have % size == 0 else have % size
    places = [place < done for place in range(size)]
    return Card(places, done, size - done, first.name)


def open_codes(customer: Customer) -> list[Grant]:
    """Rewards of theirs with a code that is not used, the last given first."""
    found = member_lines.open_codes(customer.pk, MOST_CODES)
    if not found:
        return []
    rows = (
        Grant.objects.filter(pk__in=found)
        .select_related("reward", "code")
        .only(*(f"reward__{name}" for name in reward_words.READ), "code__text")
    )
    rows = rows.prefetch_related("reward__words", "reward__products")
    return list(rows.order_by("-granted_at"))


@dataclass(frozen=True)
class Bars:
    """A text as bars: an SVG path in a view box of `width` by 1."""

    width: int
    path: str


def bars(text: str) -> Bars | None:
    """None for a text that these bars cannot say, or not on the width of a phone."""
    if len(text) > MOST_BARS or not code128.can_say(text):
        return None
    found, width = code128.bars(text)
    return Bars(width, "".join(f"M{at} 0h{wide}v1h-{wide}z" for at, wide in found))
