"""What a person has in each programme, as their own page and the till show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Prefetch, prefetch_related_objects

from crm.models import Customer
from loyalty import member_words, reward_words
from loyalty.choices import GrantState, ProgrammeKind, WhoTakesPart
from loyalty.models import Entry, Grant, Membership, Programme, ProgrammeReward
from loyalty.rules import code128
from loyalty.selectors import programmes as selectors
from loyalty.selectors.programmes import Standing
from loyalty.selectors.steps import Step, steps
from web import formats

MOST_LINES = 20
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
class Line:
    """One change of a balance: its day, why, and how much with its sign."""

    on: date
    words: str
    amount: str


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
    """One programme for one person. Without `member` they may join it."""

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
    steps: Sequence[StepLine] = ()
    may_leave: bool = False


def parts(customer: Customer, *, language: str, today: date) -> list[Part]:
    """All that they take part in, then what they may join. Two queries for each
    programme that they are in, and so many more in all."""
    rows = Membership.objects.filter(customer=customer).select_related("programme")
    theirs = {row.programme_id: row for row in rows if _counts(row)}
    open_ones = Programme.objects.filter(
        takes_part=WhoTakesPart.JOINING.value,
        archived_at=None,
        periods__until_on=None,
        periods__isnull=False,
    )
    found = [row.programme for row in theirs.values()]
    found += [one for one in open_ones.distinct() if one.pk not in theirs]
    offers = ProgrammeReward.objects.filter(reward__archived_at=None)
    prefetch_related_objects(
        found,
        "words",
        Prefetch(
            "offers",
            offers.select_related("reward").prefetch_related("reward__words"),
        ),
    )
    tasks = steps(list(theirs.values()), today=today)
    return [_part(one, theirs.get(one.pk), tasks, language, today) for one in found]


def _counts(row: Membership) -> bool:
    """Whoever left sees what they have, and may come back."""
    return row.programme.archived_at is None or bool(row.balance)


def _part(
    programme: Programme,
    member: Membership | None,
    tasks: Mapping[int, Sequence[Step]],
    language: str,
    today: date,
) -> Part:
    words = programme.wording.get(language)
    name = words.name if words else programme.name
    terms = words.terms if words else ""
    if member is None:
        return Part(programme, name, terms, None)
    standing = selectors.standing(member, today=today)
    offers = [_offer(row, standing, language) for row in programme.offers.all()]
    worth = ""
    if standing.worth:
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
        lines=[
            _line(programme, row) for row in member.entries.order_by("-pk")[:MOST_LINES]
        ],
        steps=[
            StepLine(
                one.name(language),
                member_words.units(programme, one.version.units),
                one.done.on if one.done else None,
            )
            for one in tasks.get(member.pk, ())
        ],
        may_leave=member.left_at is None
        and programme.takes_part == WhoTakesPart.JOINING.value,
    )


def _offer(row: ProgrammeReward, standing: Standing, language: str) -> Offer:
    words = {one.language: one for one in row.reward.words.all()}.get(language)
    return Offer(
        row,
        reward_words.called(row.reward, words),
        member_words.units(row.programme, row.price),
        standing.spendable >= row.price,
    )


def _line(programme: Programme, entry: Entry) -> Line:
    amount = member_words.change(programme, entry.amount)
    return Line(entry.on, member_words.happened(entry), amount)


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
    rows = Grant.objects.filter(
        customer=customer, state=GrantState.CODE_ISSUED.value, code__isnull=False
    )
    return list(rows.select_related("reward", "code").order_by("-granted_at")[:10])


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
