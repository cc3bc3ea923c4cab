"""Fields that say what the words of a file mean: states, currencies, countries,
languages, what happened to contracts."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.forms.word_lines import WordLines
from crm.models.fields import pairs
from crm.rules.choices import OrderState, SubscriptionMove
from crm.services.imports import code_words
from crm.services.imports.state_words import guess_state
from crm.services.imports.values import folded
from web import form_fields
from web.rules.money import CURRENCIES

Choices = list[tuple[str, Any]]
# So many unknown words have a choice each, further ones a line each; and so
# many that we know are shown.
MOST_ASKED, MOST_KNOWN = 40, 12
STATE = "status"
STATE_LABELS = {
    OrderState.PLACED.value: gettext_lazy("Ordered, not there yet"),
    OrderState.DELIVERED.value: gettext_lazy("Delivered"),
    OrderState.CANCELLED.value: gettext_lazy("Cancelled: does not count"),
}
TITLES = {
    STATE: gettext_lazy("Words for the state of an order"),
    "currency": gettext_lazy("Words for currencies"),
    "country": gettext_lazy("Words for countries"),
    "language": gettext_lazy("Words for languages"),
    "happened": gettext_lazy("Words for what happened to a contract"),
}
ABOUT = {
    STATE: gettext_lazy(
        "As they stand in the file. What they mean decides what counts as a purchase."
    ),
    "currency": gettext_lazy(
        "We cannot read these. Lines with a word that you leave open stay out."
    ),
    "country": gettext_lazy(
        "We cannot read these. A word that you leave open is not brought in."
    ),
    "language": gettext_lazy(
        "We cannot read these. A word that you leave open is not brought in."
    ),
    "happened": gettext_lazy(
        "We cannot read these. Lines with a word that you leave open stay out."
    ),
}


@dataclass(frozen=True)
class Word:
    """A word of a column. `known`: the code that we read out of it ourselves."""

    field: str
    word: str
    name: str
    known: str = ""


@dataclass
class WordFields:
    """The fields of one form; `words`: field → words of its column, with how often."""

    words: Mapping[str, Mapping[str, int]]
    before: Mapping[str, Mapping[str, str]]
    all: list[Word] = field(default_factory=list)
    # Field → unknown words, beyond those with a choice of their own.
    further: dict[str, list[Word]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, found in self.words.items():
            asked, known = _of_column(name, found)
            self.all += [*asked[:MOST_ASKED], *known[:MOST_KNOWN]]
            if rest := asked[MOST_ASKED:]:
                self.further[name] = rest

    def made(self, data: Mapping[str, Any] | None) -> dict[str, forms.Field]:
        """The form fields. What was not asked yet when `data` was sent is no error."""
        return {
            one.name: self._made(one, is_asked=data is None or one.name in data)
            for one in self.all
        } | {_lines_of(name): self._lines(name) for name in self.further}

    def _lines(self, name: str) -> forms.Field:
        rest = self.further[name]
        said = {folded(word): ours for word, ours in self._before(name).items()}
        return WordLines(
            label=ngettext("%(n)s more word", "%(n)s more words", len(rest))
            % {"n": len(rest)},
            help_text=_(
                "One a line. Write what it means behind the sign; a line without that"
                " stays open."
            ),
            words=[one.word for one in rest],
            choices=_choices(rest[0]),
            said={one.word: said.get(folded(one.word), _guess(one)) for one in rest},
        )

    def _made(self, one: Word, *, is_asked: bool) -> forms.Field:
        said = {folded(word): ours for word, ours in self._before(one.field).items()}
        usual = one.known or _guess(one)
        return forms.ChoiceField(
            label=one.word,
            required=is_asked and one.field == STATE,
            choices=_choices(one),
            widget=form_fields.Select,
            initial=said.get(folded(one.word), usual),
            error_messages={
                "required": _("Say what “%(word)s” means.") % {"word": one.word}
            },
        )

    def _before(self, name: str) -> Mapping[str, str]:
        return self.before.get(name, {})

    def unasked(self, data: Mapping[str, Any]) -> bool:
        """Whether a word that only people can explain was not on the page yet."""
        return any(not one.known and one.name not in data for one in self.all) or any(
            _lines_of(name) not in data for name in self.further
        )

    def chosen(
        self, given: Mapping[str, Any], data: Mapping[str, Any]
    ) -> dict[str, dict[str, str]]:
        """Field → word → ours, with what was chosen for words of earlier files."""
        found = {name: dict(words) for name, words in self.before.items()}
        for one in self.all:
            if one.name not in data:
                continue
            words = found.setdefault(one.field, {})
            for word in [word for word in words if folded(word) == folded(one.word)]:
                del words[word]
            ours = given.get(one.name, "")
            # One that is known and made nothing is an empty cell.
            if ours != one.known:
                words[one.word] = ours
        for name, rest in self.further.items():
            if _lines_of(name) not in data:
                continue
            theirs = {folded(one.word) for one in rest}
            before = found.get(name, {})
            kept = {w: ours for w, ours in before.items() if folded(w) not in theirs}
            found[name] = kept | given.get(_lines_of(name), {})
        return {name: words for name, words in found.items() if words}

    def groups(self, form: forms.Form) -> Iterator[Mapping[str, Any]]:
        """The words that people must explain, column by column."""
        for name in self.words:
            asked = [
                form[one.name]
                for one in self.all
                if one.field == name and not one.known
            ]
            if asked:
                yield {
                    "name": name,
                    "title": TITLES[name],
                    "about": ABOUT[name],
                    "fields": asked,
                    "further": form[_lines_of(name)] if name in self.further else None,
                }

    def known(self, form: forms.Form) -> list[Any]:
        """Those that we read ourselves, for people who mean something else."""
        return [form[one.name] for one in self.all if one.known]


def _lines_of(name: str) -> str:
    return f"words_{name}"


def _of_column(name: str, found: Mapping[str, int]) -> tuple[list[Word], list[Word]]:
    """Unknown ones, and those that we read ourselves."""
    read = [
        (word, "" if name == STATE else code_words.meaning(name, word))
        for word in code_words.told_apart(found)
    ]
    asked = [word for word, known in read if not known]
    # Numbered as they stand in the form.
    first_known = min(len(asked), MOST_ASKED)
    return (
        [Word(name, word, f"word_{name}_{at}") for at, word in enumerate(asked)],
        [
            Word(name, word, f"word_{name}_{at}", known)
            for at, (word, known) in enumerate(
                (pair for pair in read if pair[1]), start=first_known
            )
        ],
    )


def _guess(one: Word) -> str:
    if one.field != STATE:
        return code_words.guess(one.field, one.word)
    state = guess_state(one.word)
    return state.value if state else ""


def _choices(one: Word) -> Choices:
    if one.field == STATE:
        return [("", _("Choose one")), *STATE_LABELS.items()]
    nothing = _("Nothing: as if it were empty") if one.known else _("Leave it open")
    return [("", nothing), *_CODES[one.field]()]


_CODES: Mapping[str, Callable[[], Choices]] = {
    "currency": lambda: [(code, code) for code in sorted(CURRENCIES)],
    "country": lambda: form_fields.countries()[1:],
    "language": lambda: list(settings.LANGUAGES),
    "happened": lambda: list(pairs(SubscriptionMove)),
}
