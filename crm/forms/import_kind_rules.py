"""What can be set for the rows of each kind of import, as fields of a form."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from crm.services.imports.column_names import CUSTOMERS, ORDERS
from crm.services.imports.kinds import KINDS
from web import form_fields as fields
from web.rules.money import CURRENCIES


def for_kind(kind: str, options: Mapping[str, Any]) -> dict[str, forms.Field]:
    """Whom a row means, what it may change, and what holds for the whole file."""
    own = _OF_KIND.get(kind)
    return {
        **_own_defaults(kind, options.get("defaults", {})),
        **(own(options) if own else _of_nothing(options)),
        "source": fields.TextField(
            name="source",
            most=40,
            label=_("Where the numbers come from"),
            help_text=_(
                "One word, such as “shop” or “till”. The same number of one source is"
                " the same person; numbers of two sources never meet."
            ),
            required=True,
            initial=options.get("source", "main"),
        ),
        "time_zone": forms.ChoiceField(
            label=_("Clock of times that name none"),
            required=False,
            choices=fields.time_zones,
            initial=options.get("time_zone", ""),
        ),
        "serial_dates": forms.BooleanField(
            label=_("A number such as 45000 in a column of dates is a day of Excel"),
            required=False,
            initial=options.get("serial_dates", False),
        ),
    }


def _of_people(options: Mapping[str, Any]) -> dict[str, forms.Field]:
    return {
        **_mail_of_people(options),
        **_defaults(False, options.get("defaults", {})),
        "match": _choice(
            _("Whom a row means"),
            [
                ("", _("By number where the file has one, else by address")),
                ("id", _("By number only")),
                ("id_or_address", _("By number, and where it is new by address")),
            ],
            options.get("match", ""),
            help_text=_("By address only where exactly one person has it."),
        ),
        "write": _choice(
            _("What a row may do"),
            [
                ("create_update", _("Make new people and change known ones")),
                ("create", _("Make new people only")),
                ("update", _("Change known people only")),
                ("fill", _("Make new people, and fill what is empty of known ones")),
            ],
            options.get("write") or "create_update",
        ),
        "erase_empty": forms.BooleanField(
            label=_("An empty cell erases what is known"),
            help_text=_("Otherwise an empty cell says nothing."),
            required=False,
            initial=options.get("erase_empty", False),
        ),
        **_cells_of_people(options),
    }


def _cells_of_people(options: Mapping[str, Any]) -> dict[str, forms.Field]:
    """What makes the number of a row, what separates tags, and what a bad cell does."""
    return {
        "identity": _choice(
            _("The number of a row"),
            [
                ("", _("From its column where the file has one, else our own")),
                ("address", _("Is the address")),
                ("number", _("Is our own, made of what the row says")),
            ],
            options.get("identity", ""),
        ),
        "tag_mark": _choice(
            _("What stands between tags"),
            [
                ("", _("A comma or a semicolon, as each cell has it")),
                ("comma", _("A comma")),
                ("semicolon", _("A semicolon")),
            ],
            options.get("tag_mark", ""),
        ),
        "strict": forms.BooleanField(
            label=_("Leave a row out where one of its cells cannot be read"),
            help_text=_("Otherwise the cell alone is left out, and you are told."),
            required=False,
            initial=options.get("strict", False),
        ),
    }


def _mail_of_people(options: Mapping[str, Any]) -> dict[str, forms.Field]:
    """On what ground, and with what consent, they may be written to."""
    return {
        "ground": fields.TextField(
            name="ground",
            most=300,
            label=_("Why you may write to those who have no order"),
            help_text=_(
                "In your own words, such as “Gave us their card at the fair in May”."
                " Without them they get no surveys and no reminders."
            ),
            initial=options.get("ground", ""),
        ),
        "consent": fields.TextField(
            name="consent",
            most=300,
            label=_("Where they said yes to offers"),
            help_text=_(
                "For a column that is “Yes to offers”: what the box said, and where."
                " Nothing else in a file allows offers."
            ),
            initial=options.get("consent", ""),
        ),
        **_scope(options),
    }


def _scope(options: Mapping[str, Any]) -> dict[str, forms.Field]:
    return {
        "opt_out_scope": _choice(
            _("Whoever opted out gets"),
            [
                ("all", _("no offers, no surveys and no reminders")),
                ("marketing", _("no offers")),
                ("marketing,loyalty", _("no offers and no reminders")),
                ("marketing,survey", _("no offers and no surveys")),
            ],
            options.get("opt_out_scope", "all"),
            help_text=_("Only they themselves can take that back."),
        )
    }


def _of_opt_outs(options: Mapping[str, Any]) -> dict[str, forms.Field]:
    """Of a list of those who opted out."""
    return {
        "opt_out_kind": _choice(
            _("A row that does not say what happened is"),
            [
                ("withdrawal", _("somebody who opted out")),
                ("bounce", _("an address that bounced")),
                ("complaint", _("somebody who marked our mail as spam")),
            ],
            options.get("opt_out_kind", "withdrawal"),
        ),
        **_scope(options),
    }


def _of_nothing(options: Mapping[str, Any]) -> dict[str, forms.Field]:
    return {}


class _DayAsText(fields.Day):
    """A day as the options of an import hold it: 2026-11-21, or nothing."""

    def clean(self, value: Any) -> str:
        day = super().clean(value)
        return day.isoformat() if day else ""


def _of_subscriptions(options: Mapping[str, Any]) -> dict[str, forms.Field]:
    return {
        **_currency(options.get("defaults", {})),
        "as_of": _DayAsText(
            label=_("The day that the file is of"),
            help_text=_(
                "Contracts that give months so far began so many before it. Those that"
                " are cancelled, on no day of their own, ended on it. Empty: today."
            ),
            initial=options.get("as_of", ""),
        ),
    }


def _of_orders(options: Mapping[str, Any]) -> dict[str, forms.Field]:
    return {
        **_defaults(True, options.get("defaults", {})),
        "create_customers": forms.BooleanField(
            label=_("Whoever is not known yet becomes a customer"),
            required=False,
            initial=options.get("create_customers", True),
        ),
        "guests": _choice(
            _("Orders that name no customer"),
            [
                ("", _("Leave them out")),
                ("people", _("Go by their address, and leave out those without one")),
                ("orders", _("Go by their address; without one, keep each by itself")),
            ],
            options.get("guests", ""),
            help_text=_(
                "An order that is kept by itself counts in your sums. Nobody is written"
                " to because of it, and no two of them are taken for one person."
            ),
        ),
    }


def _of_products(options: Mapping[str, Any]) -> dict[str, forms.Field]:
    return _currency(options.get("defaults", {}))


def _currency(given: Mapping[str, str]) -> dict[str, forms.Field]:
    codes = [(code, code) for code in sorted(CURRENCIES)]
    return {
        "default_currency": _choice(
            _("Currency, where a row says none"),
            [("", _("The shop’s")), *codes],
            given.get("currency", ""),
        )
    }


def _defaults(is_orders: bool, given: Mapping[str, str]) -> dict[str, forms.Field]:
    """Where a row's own cell is empty."""
    found = {
        "default_country": _choice(
            _("Country, where a row says none"),
            fields.countries,
            given.get("country", ""),
        )
    }
    if is_orders:
        found |= _currency(given)
    else:
        found["default_language"] = _choice(
            _("Language, where a row says none"),
            fields.languages,
            given.get("language", ""),
        )
    return found


def _own_defaults(kind: str, given: Mapping[str, str]) -> dict[str, forms.Field]:
    """Those that the kind itself asks for."""
    own = KINDS[kind].defaults if kind in KINDS else {}
    return {
        f"default_{name}": _choice(
            str(default.label),
            [("", _("Choose one")), *default.choices()],
            given.get(name, ""),
        )
        for name, default in own.items()
    }


def _choice(
    label: str, choices: Any, initial: str, *, help_text: str = ""
) -> forms.Field:
    return forms.ChoiceField(
        label=label,
        choices=choices,
        initial=initial,
        required=False,
        help_text=help_text,
    )


_OF_KIND: Mapping[str, Callable[[Mapping[str, Any]], dict[str, forms.Field]]] = {
    CUSTOMERS: _of_people,
    ORDERS: _of_orders,
    "opt_outs": _of_opt_outs,
    "products": _of_products,
    "subscriptions": _of_subscriptions,
}
