"""What the page Where from says in sentences, from its own figures alone."""

from django.utils.translation import gettext as _

from insights import words
from insights.choices import Basis
from insights.figures import Unit, percent, reason, written
from insights.metrics.churn import Balance
from insights.metrics.measures import ENOUGH_FOR_A_SHARE, Why, without
from insights.metrics.referrals import Bounds, Told
from insights.models import Definition
from insights.selectors.asked import POSSIBLY, RECOMMENDED, Asked
from insights.selectors.origins import Origins, Shares, cac_of_all
from insights.selectors.overlaps import Overlaps
from insights.selectors.people import GROUP_NAMES
from insights.selectors.spans import Counts
from web import formats

DAYS_OF_A_MONTH = 365.25 / 12


def questions(
    found: Origins, counts: Counts, asked: Asked, *, is_over: bool
) -> list[tuple[str, str]]:
    """The three questions that a shop should ask itself, each with its answer; none of
    a time that is not over: its months would be too few, and its leavers guessed."""
    asks = (
        _("How many customers do we gain a month?"),
        _("Does it replace those who leave?"),
        _("Would the effort be better spent on those who are here?"),
    )
    if not is_over:
        return [(one, reason(without(Why.NOT_OVER))) for one in asks]
    days = (asked.period.ends_on - asked.period.starts_on).days
    months = days / DAYS_OF_A_MONTH
    came = Balance(counts.new + counts.back, counts.lost)
    gained, lost = came.gained / months, came.lost / months
    said = _(
        "%(each)s a month, %(all)s in all: %(new)s for the first time, and %(back)s who"
        " came back."
    ) % {
        "each": _some(gained),
        "all": formats.number(came.gained),
        "new": formats.number(counts.new),
        "back": formats.number(counts.back),
    }
    answers = said, _replaced(gained, lost, counts), _kept_instead(found, lost)
    return list(zip(asks, answers, strict=True))


def _replaced(gained: float, lost: float, counts: Counts) -> str:
    values = {"lost": _some(lost), "gained": _some(gained)}
    if not counts.start:
        return _("There is nobody to lose yet: nobody was here at the start.")
    if gained >= lost:
        return _("Yes: %(lost)s left a month, and %(gained)s came.") % values
    return _("No: %(lost)s left a month, and only %(gained)s came.") % values


def _kept_instead(found: Origins, lost: float) -> str:
    """What it costs to win as many as leave; the shop knows what keeping them costs."""
    said = []
    for currency, measure in cac_of_all(found).items():
        if measure.value is None:
            said.append(reason(measure))
            continue
        said.append(
            _(
                "A new customer costs %(cac)s, so replacing those who leave costs"
                " %(sum)s a month. Whatever keeps as many of them for less is the"
                " better use of it."
            )
            % {
                "cac": written(measure.value, Unit.MONEY, currency),
                "sum": written(measure.value * lost, Unit.MONEY, currency),
            }
        )
    return " ".join(said)


def shares(found: Shares) -> list[str]:
    """The part of recommendations: of people, then of revenue by currency."""
    if not found.total:
        return [_("Nobody came for the first time in this span.")]
    said = [
        _(
            "%(said)s of %(total)s said on their record that somebody recommended us;"
            " of %(unknown)s nothing is known."
        )
        % {
            "said": formats.number(found.said),
            "total": formats.number(found.total),
            "unknown": formats.number(found.unknown),
        },
    ]
    if found.total < ENOUGH_FOR_A_SHARE:
        # Of so few a share would be written as more than it is.
        return [*said, _few(found)]
    people = _("Of the customers gained: %(bounds)s.")
    said.append(people % {"bounds": _between(found.people)})
    return said + [
        _("Of what they brought in %(currency)s: %(bounds)s.")
        % {"currency": code, "bounds": _between(bounds)}
        for code, bounds in found.revenue.items()
    ]


def _few(found: Shares) -> str:
    return _("Between %(low)s and %(high)s of %(total)s came by recommendation.") % {
        "low": formats.number(found.said),
        "high": formats.number(found.said + found.unknown),
        "total": formats.number(found.total),
    }


def _between(bounds: Bounds) -> str:
    if bounds.low is None or bounds.high is None:
        return _("not enough to say")
    return _("between %(low)s and %(high)s by recommendation") % {
        "low": percent(bounds.low),
        "high": percent(bounds.high),
    }


def _some(number: float) -> str:
    return formats.number(round(number, 1 if number < 10 else 0))


def overlaps(found: Overlaps) -> list[str]:
    """What surveys and codes add to the record, in sentences; none where nothing."""
    if not found.says_more:
        return []
    names = {
        "record": _("On the record"),
        "survey": _("In surveys"),
        "code": _("By a code that was given to somebody else"),
    }
    said = [
        _(
            "%(way)s: %(said)s by recommendation, %(other)s in another way, %(silent)s"
            " say nothing."
        )
        % {
            "way": names[way.name],
            "said": formats.number(way.said),
            "other": formats.number(way.other),
            "silent": formats.number(way.silent),
        }
        for way in found.ways
    ]
    said.append(
        _(
            "Of %(both)s two or more of these say so; of %(disputed)s they contradict"
            " each other; of %(unknown)s nothing is known: the unexplained rest."
        )
        % {
            "both": formats.number(found.both),
            "disputed": formats.number(found.people[Told.DISPUTED]),
            "unknown": formats.number(found.people[Told.UNKNOWN]),
        }
    )
    if found.total < ENOUGH_FOR_A_SHARE:
        return said
    people = _("All together, of the customers gained: %(bounds)s.")
    said.append(people % {"bounds": _between(found.share)})
    return said + [
        _("Of what they brought in %(currency)s: %(bounds)s; unexplained: %(rest)s.")
        % {
            "currency": code,
            "bounds": _between(found.shares_of_revenue[code]),
            "rest": written(float(sums[Told.UNKNOWN]), Unit.MONEY, code),
        }
        for code, sums in sorted(found.revenue.items())
    ]


def how(row: Definition, basis: Basis) -> str:
    """How customers gained and their money are counted, with what makes a customer."""
    formula = _(
        "Counted are those who came for the first time in this span and were still"
        " customers at its end, by how they heard of us, and what these people have"
        " brought until today. A customer costs what was spent on the source in the"
        " months that begin in the span, divided by those who came from it. Each must"
        " bring that sum at least (break-even); the cost of goods is not known here, so"
        " nothing is taken off for it. Months to earn it back divide it by what these"
        " customers bring a month, on average, since they came. A dash says that there"
        " is not enough to say. Currencies are never added."
    )
    return f"{words.counted_by(row, basis)} {formula}"


def how_heard() -> str:
    """How the part of recommendations is counted."""
    return _(
        "The low end is whoever has a recommendation as “How they heard of us” on their"
        " record, told by words such as friend, family or recommended; the high end"
        " adds everybody whose record says nothing. With surveys and codes, the low end"
        " is whoever one of them names and none contradicts; the high end adds those of"
        " whom they say different things, or nothing. A code says so where it had been"
        " given to somebody else. Answers in confidence are left out."
    )


def lists(found: Shares, heard: Overlaps, asked: Asked) -> list[tuple[str, int, str]]:
    """Name, count and address of each list of people behind these sentences."""
    recommended = asked.of("", by=RECOMMENDED).people_url("new")
    possibly = asked.of("", by=POSSIBLY).people_url("new")
    silent = asked.of("", by="source").people_url("new")
    rows = [
        (_("By recommendation on the record"), found.said, recommended),
        (_("Nothing on the record"), found.unknown, silent),
        (_("Either of these: the high end"), found.said + found.unknown, possibly),
    ]
    if heard.says_more:
        rows += [
            (str(GROUP_NAMES[group]), n, asked.people_url(group))
            for group, n in heard.groups.items()
        ]
    return rows
