"""A result in words: {{ result|score }}, {{ result|low }}, {{ result|high }}."""

from django.template import Library

from surveys import result_words as words
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
