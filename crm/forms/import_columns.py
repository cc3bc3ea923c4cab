"""The form that says what the columns of a file mean."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.customer_facts import FACTS
from crm.forms import import_kind_rules, import_rules
from crm.forms.import_words import WordFields
from crm.import_columns import ImportKind, all_groups
from crm.services.imports import custom_columns
from crm.services.imports.cell_formats import Found
from crm.services.imports.columns import Fields
from crm.services.imports.kinds import KINDS
from crm.services.imports.shown import Shown

Choices = list[tuple[str, Any]]

# Of people: the labels of the facts themselves.
FIELD_LABELS: dict[str, Any] = {
    "external_id": gettext_lazy("Their number or id"),
    "name": gettext_lazy("Name, in one column"),
    **{fact.import_column: fact.label for fact in FACTS if fact.import_column},
    "order_id": gettext_lazy("Order number"),
    "customer_id": gettext_lazy("Customer: number or address"),
    "ordered_at": gettext_lazy("Ordered on"),
    "sku": gettext_lazy("Product code"),
    "product": gettext_lazy("Product name"),
    "category": gettext_lazy("Category"),
    "quantity": gettext_lazy("Quantity"),
    "unit_price": gettext_lazy("Price of one"),
    "line_total": gettext_lazy("Price of the line"),
    "line_tax": gettext_lazy("Tax in the price of the line"),
    "line_tax_added": gettext_lazy("Tax on top of the price of the line"),
    "currency": gettext_lazy("Currency"),
    "delivered_at": gettext_lazy("Delivered on"),
    "status": gettext_lazy("State of the order"),
    "line_id": gettext_lazy("Number of the line"),
    "returns_order": gettext_lazy("Gives back of order"),
    "returns_line": gettext_lazy("Gives back line"),
}
_OWN = "custom"


@dataclass(frozen=True)
class Told:
    """What the form is made of: the file's beginning, and what is chosen so far."""

    kind: str
    known: Fields
    shown: Shown
    options: Mapping[str, Any]
    # Of fields whose words mean one of ours: their words, and how often each is there.
    words: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    days: Found = Found("", "")
    numbers: Found = Found("", "")

    @property
    def mapping(self) -> Mapping[str, str]:
        return dict(self.options.get("mapping", {}))


class ColumnsForm(forms.Form):
    """What each column means, and how the rows are to be understood.

    Valid, `options` holds what the import is told.
    """

    def __init__(self, data: Any, *, told: Told) -> None:
        super().__init__(data)
        self.told = told
        self._add_columns()
        self._add_words()
        self._add_rules()

    # --- Fields -----------------------------------------------------------------------

    def _add_columns(self) -> None:
        mapping = dict(self.told.mapping)
        if mapping.get("external_id") == mapping.get("email"):
            # The address was the id, too: the column is that of the address.
            mapping.pop("external_id", None)
        chosen = {name: target for target, name in mapping.items() if name}
        targets = self._targets()
        for at, name in enumerate(self.told.shown.header):
            self.fields[f"column_{at}"] = forms.ChoiceField(
                label=name or _("Column %(number)s") % {"number": at + 1},
                required=False,
                choices=targets,
                initial=_choice_of(chosen.get(name, ""), self.told.known),
            )

    def _targets(self) -> Choices:
        known = self.told.known
        targets: Choices = [("", _("Not used"))]
        targets += [
            (name, self._labelled(name, label))
            for name, label in labels().items()
            if name in known.known
        ]
        if known.takes_custom:
            targets.append((_OWN, _("A new field, of text")))
        return targets

    def _labelled(self, name: str, label: Any) -> str:
        is_needed = name in self.told.known.required
        return _("%(label)s (needed)") % {"label": label} if is_needed else str(label)

    def _add_words(self) -> None:
        before = self.told.options.get("value_map", {})
        self._words = WordFields(self.told.words, before)
        self.fields |= self._words.made(self.data if self.is_bound else None)

    def _add_rules(self) -> None:
        told = self.told
        self.fields |= import_rules.formats(told.options, told.days, told.numbers)
        self.fields |= import_kind_rules.for_kind(told.kind, told.options)

    # --- What it says -----------------------------------------------------------------

    @property
    def columns(self) -> list[Any]:
        return [self[f"column_{at}"] for at in range(len(self.told.shown.header))]

    @property
    def rules(self) -> list[Any]:
        """What people should look at each time."""
        return [self[name] for name in import_rules.LOOKED_AT if name in self.fields]

    @property
    def rare_rules(self) -> list[Any]:
        return [self[name] for name in import_rules.RARE if name in self.fields]

    @property
    def words(self) -> list[Any]:
        """Column by column, the words that only people can explain."""
        return list(self._words.groups(self))

    @property
    def known_words(self) -> list[Any]:
        return self._words.known(self)

    @property
    def has_unasked(self) -> bool:
        """Whether a word was not on the page yet that was sent."""
        return self._words.unasked(self.data)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        mapping = dict(self._mapped(given))
        # Whatever its columns are called: what was not chosen is not used.
        own = {name for name in self.told.shown.header if name.startswith("custom.")}
        for target in (self.told.known.known | own) - mapping.keys():
            mapping[target] = ""
        agrees = mapping.get("email_consent") or mapping.get("birthday_consent")
        if agrees and not given.get("consent"):
            self.add_error("consent", import_rules.no_words_of_consent())
        self._refuse_gaps({name for name, column in mapping.items() if column})
        self.options = {"mapping": mapping, **self._rules(given)}
        return given

    def _mapped(self, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        header = self.told.shown.header
        seen: set[str] = set()
        for at, name in enumerate(header):
            target = given.get(f"column_{at}", "")
            if not target:
                continue
            if header.count(name) > 1:
                self.add_error(f"column_{at}", _twice_in_file(name))
            if target == _OWN:
                target = _own_name(name)
            if target in seen:
                self.add_error(f"column_{at}", _twice_chosen(target))
            seen.add(target)
            yield target, name

    def _refuse_gaps(self, chosen: set[str]) -> None:
        for names in _gaps(self.told.known, chosen):
            needed = [str(labels()[name]) for name in names]
            self.add_error(
                None,
                ValidationError(
                    _("No column is chosen for “%(field)s”, which is needed."),
                    params={"field": _(" or ").join(needed)},
                    code="missing",
                ),
            )

    def _rules(self, given: Mapping[str, Any]) -> dict[str, Any]:
        rules = import_rules.chosen(given)
        rules["value_map"] = self._words.chosen(given, self.data)
        return rules


def _own_name(column: str) -> str:
    """As an export of ours writes it, too."""
    return column if column.startswith("custom.") else f"custom.{column[:60]}"


def labels() -> dict[str, Any]:
    """What each column is in words, also those that apps bring."""
    apps = {
        field.name: field.label
        for kind in ImportKind
        for group in all_groups(kind)
        for field in group.fields
    }
    others = {
        name: label for kind in KINDS.values() for name, label in kind.labels.items()
    }
    return {**others, **FIELD_LABELS, **apps, **custom_columns.labels()}


def _choice_of(target: str, known: Fields) -> str:
    """A field that does not exist yet is "kept as it is"."""
    is_new = target.startswith("custom.") and target not in known.known
    return _OWN if is_new else target


def _gaps(known: Fields, chosen: set[str]) -> Iterator[Sequence[str]]:
    for name in sorted(known.required - chosen):
        yield [name]
    for group in known.one_of:
        if not group & chosen:
            yield sorted(group)


def _twice_in_file(name: str) -> ValidationError:
    return ValidationError(
        _("Two columns of the file are called “%(name)s”. Rename one of them there."),
        params={"name": name},
        code="twice",
    )


def _twice_chosen(target: str) -> ValidationError:
    return ValidationError(
        _("“%(field)s” is chosen for two columns. Leave one of them."),
        params={"field": labels().get(target, target)},
        code="twice",
    )
