"""In words: {{ result|score }}, {{ result|low }}, {{ result|high }}; and what somebody
answered: {{ answer|told }}.

The bars of scores are drawn by a tag, not by the nodes of a template, of which a page
had a thousand."""

from django.template import Library
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from surveys import result_words as words
from surveys.models import Response
from surveys.rules import Enough
from surveys.rules.scales import Result
from web import formats
from web.charts.columns import Bar, BarChart, Bracket
from web.escaping import escaped

register = Library()


@register.filter
def score(result: Result) -> str:
    """Its value, in the unit of its scale."""
    return words.value(result)


@register.simple_tag
def score_told(result: Result | None) -> SafeString:
    """A score, as far as so many answers allow it."""
    if result is None:
        return SafeString(escaped(gettext("No answers yet")))
    if result.enough is Enough.NOT_YET:
        said = gettext("Not enough answers yet (%(n)s of 10)") % {"n": result.n}
        return SafeString(escaped(said))
    if result.enough is Enough.RANGE:
        said = gettext("Likely between %(low)s and %(high)s")
        ends = {"low": words.low(result), "high": words.high(result)}
        return SafeString(escaped(said % ends))
    return SafeString(f'<b class="p-num">{escaped(words.value(result))}</b>')


@register.filter
def low(result: Result) -> str:
    """Where its interval begins."""
    return words.low(result)


@register.filter
def high(result: Result) -> str:
    """Where its interval ends."""
    return words.high(result)


@register.filter
def told(answer: Response) -> list[words.Told]:
    """What it says to each further question, in the order of the questions."""
    return words.told(answer, get_language() or "")


@register.simple_tag
def score_bars(chart: BarChart) -> SafeString:
    """What stands inside a drawing of answers by score: a bar each, and brackets."""
    brackets = (_bracket(one, is_wide=chart.is_wide) for one in chart.brackets)
    return SafeString("".join([*map(_bar, chart.bars), *brackets]))


def _bar(bar: Bar) -> str:
    label = ngettext(
        "Score %(score)s: %(n)s answer", "Score %(score)s: %(n)s answers", bar.count
    ) % {"score": bar.label, "n": bar.count}
    return (
        f'<a href="{escaped(bar.url)}" aria-label="{escaped(label)}">'
        f'<rect class="{bar.css}" x="{bar.x}" y="{bar.y}" width="{bar.width}"'
        f' height="{bar.height}"/>'
        f'<text x="{bar.middle}" y="{bar.label_y}" text-anchor="middle">'
        f"{escaped(formats.number(bar.count))}</text>"
        f'<text x="{bar.middle}" y="146" text-anchor="middle" font-weight="600">'
        f"{escaped(bar.label)}</text></a>"
    )


def _bracket(bracket: Bracket, *, is_wide: bool) -> str:
    name, share = escaped(bracket.name), escaped(bracket.share)
    lines = {178: f"{name} {share}"} if is_wide else {176: name, 191: share}
    texts = "".join(
        f'<text x="{bracket.middle}" y="{y}" text-anchor="middle">{text}</text>'
        for y, text in lines.items()
    )
    return (
        f'<a href="{escaped(bracket.url)}" aria-label="{name} {share}">'
        f'<path class="p-base" fill="none" d="{bracket.path}"/>{texts}</a>'
    )
