"""Tables of the results page, drawn once for the same rows."""

from django.template import Library

from surveys import result_drawings

register = Library()

register.simple_tag(result_drawings.groups, name="group_rows")
register.simple_tag(result_drawings.bars, name="choice_bars")
