"""The rows of the save-list as HTML: a template of fifty had a thousand nodes."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Protocol

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from crm.models import Customer
from insights.selectors.save_list import Slipping
from web import formats
from web.escaping import escaped
from web.templatetags.ui import name


class Action(Protocol):
    """A link of a row, and the key that presses it."""

    label: str
    key: str
    url: str


def rows(
    found: Iterable[tuple[Slipping, Sequence[Action]]],
    currency: str,
    brings: str,
    *,
    sees_people: bool,
) -> Iterator[str]:
    """A row for each, with the words of the head for phones; `brings`: what the amount
    is called."""
    amount, why = escaped(brings), escaped(_("Why"))
    for row, actions in found:
        total = escaped(formats.money(row.total, currency))
        reasons = "".join(
            f'<div dir="auto">{escaped(reason)}</div>' for reason in row.reasons
        )
        who = _named(row.customer) if sees_people else _masked(row.customer)
        yield (
            f'<tr data-row data-person><th scope="row">{who}</th>'
            f'<td class="p-n" data-label="{amount}">{total}</td>'
            f'<td data-label="{why}">{reasons}</td>'
            f'<td><div class="d-flex gap-2">{_links(row.customer, actions)}</div></td>'
            "</tr>"
        )


def _named(customer: Customer) -> str:
    url = escaped(customer.get_absolute_url())
    return f'<a data-open href="{url}">{name(customer)}</a>'


def _masked(customer: Customer) -> str:
    return render_to_string("crm/_masked_customer.html", {"customer": customer})


def _links(customer: Customer, actions: Iterable[Action]) -> str:
    whose = f'<span class="visually-hidden">: {escaped(customer)}</span>'
    return " ".join(
        f'{_opened(one.key)} href="{escaped(one.url)}"> {_named_once(one.label)}{whose}'
        " </a>"
        for one in actions
    )


# The same three of every row.
@lru_cache(maxsize=64)
def _opened(key: str) -> str:
    return f'<a class="btn btn-sm" data-key="{escaped(key)}"'


_named_once = lru_cache(maxsize=64)(escaped)
