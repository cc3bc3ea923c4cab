"""In words: {{ result|score }}, {{ result|low }}, {{ result|high }}; and what somebody
answered: {{ answer|told }}."""

from django.template import Library
from django.utils.translation import get_language

from surveys import result_words as words
from surveys.models import Response
from surveys.rules.scales import Result

register = Library()


@register.filter
def score(result: Result) -> str:
    """Its value, in the unit of its scale."""
    return words.value(result)


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
