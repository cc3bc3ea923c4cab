"""A question on the page of a customer. The same for everybody until they write: then
it is rendered once and kept, because questions are most of what a page is."""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from surveys.public.questions import Shown

register = template.Library()


@register.simple_tag
def question_field(question: Shown) -> SafeString:
    """Its words and fields, with what was answered and what is wrong."""
    if question.is_for_all:
        return _kept(question, get_language() or "")
    return _rendered(question)


# A few kilobytes each; of surveys that are answered now, with what was pressed.
@lru_cache(maxsize=500)
def _kept(question: Shown, _language: str) -> SafeString:
    return _rendered(question)


def _rendered(question: Shown) -> SafeString:
    return render_to_string(question.template, {"question": question})
