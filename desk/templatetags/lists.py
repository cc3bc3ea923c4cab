"""The cells of the customer list.

Tags and not a template: the branches of a template, asked for each of two hundred
cells, took a fifth of the processor time of the whole page.
"""

from collections.abc import Sequence

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from crm.page_parts import ColumnKind
from desk.selectors.customers import Cell, Row
from web import formats
from web.templatetags.ui import bdi, draw_chip, ltr, when

register = template.Library()

_NOTHING = SafeString('<span class="p-mut">–</span>')
_BELOW = '<div class="p-sub p-small fw-normal">{}</div>'
_AT_THE_END = SafeString(' class="p-n"')


@register.simple_tag
def list_name(row: Row) -> SafeString:
    """Who it is, with badges, and the company and address below."""
    customer = row.customer
    shown = (
        bdi(row.name, customer.language)
        if row.name
        else ltr(customer.email or customer.external_id)
    )
    badges = [draw_chip(each.tone, each.icon, each.label) for each in row.badges]
    below = [bdi(customer.organisation)] if customer.organisation else []
    if customer.email:
        below.append(ltr(customer.email))
    return format_html(
        '<a data-open id="c{}" href="{}">{}</a> {}{}',
        row.key,
        reverse("desk:customer", args=[customer.pk]),
        shown,
        SafeString(" ".join(badges)),
        format_html(_BELOW, SafeString(" · ".join(below))) if below else "",
    )


@register.simple_tag(takes_context=True)
def list_cells(context: Context, cells: Sequence[Cell]) -> SafeString:
    """A <td> each, with the value as its column writes it and the label for phones."""
    return format_html_join(
        "",
        '<td{} data-label="{}">{}</td>',
        (
            (
                _AT_THE_END if cell.kind is ColumnKind.NUMBER else "",
                cell.label,
                _value(context, cell),
            )
            for cell in cells
        ),
    )


def _value(context: Context, cell: Cell) -> SafeString | str:
    if cell.value is None:
        return _NOTHING
    if cell.kind is ColumnKind.DAY:
        return when(context, cell.value)
    if cell.kind is ColumnKind.NUMBER:
        return formats.number(cell.value)
    return format_html("<bdi>{}</bdi>", cell.value)
