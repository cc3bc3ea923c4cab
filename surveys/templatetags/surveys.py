"""How a score is written."""

from django import template

from surveys import words

register = template.Library()
register.filter("signed", words.signed)
