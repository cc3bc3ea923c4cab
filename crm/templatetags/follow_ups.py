"""What templates ask of a follow-up."""

from django import template

from crm import page_parts
from crm.models import FollowUp

register = template.Library()


@register.filter
def asks_outcome(follow_up: FollowUp) -> bool:
    """`{% if follow_up|asks_outcome %}`: closing it takes a line of what came of it."""
    return page_parts.asks_outcome(follow_up)
