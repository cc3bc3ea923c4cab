"""Many words of a column at once, one a line: "Completed = delivered"."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from crm.services.imports.values import folded

_BETWEEN = "="
_SHOWN = 12


class WordLines(forms.CharField):
    """`choices`: ours and what it is called; either may stand in a line. Cleaned to
    theirs -> ours, of the lines that say something. `words`: theirs, one a line; of
    others nothing is made."""

    widget = forms.Textarea

    def __init__(
        self,
        *,
        words: Sequence[str],
        choices: Sequence[tuple[str, Any]],
        said: Mapping[str, str],
        **more: Any,
    ) -> None:
        lines = [f"{word} {_BETWEEN} {said.get(word, '')}".rstrip() for word in words]
        super().__init__(
            required=False,
            initial="\n".join(lines),
            widget=forms.Textarea(
                attrs={"rows": min(len(lines), _SHOWN), "dir": "auto"}
            ),
            **more,
        )
        self._words = {folded(word): word for word in words}
        self._ours = {
            folded(str(name)): code
            for code, label in choices
            if code
            for name in (label, code)
        }
        self._named = [code for code, _label in choices if code]

    def clean(self, value: Any) -> dict[str, str]:
        """Raises ValidationError with each line that cannot be read."""
        found, wrong = {}, []
        for line in super().clean(value).splitlines():
            theirs, _mark, ours = line.rpartition(_BETWEEN)
            word = self._words.get(folded(theirs))
            code = self._ours.get(folded(ours))
            if not ours.strip() or not theirs.strip():
                continue
            if word is None or code is None:
                wrong.append(line.strip())
            else:
                found[word] = code
        if wrong:
            raise forms.ValidationError(
                _("Not understood: %(lines)s. Ours are %(ours)s.")
                % {
                    "lines": "; ".join(wrong[:_SHOWN]),
                    "ours": ", ".join(self._named[:_SHOWN])
                    + (" …" if len(self._named) > _SHOWN else ""),
                }
            )
        return found
