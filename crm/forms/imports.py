"""Forms of the pages that bring files in."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.services.imports.kinds import KINDS
from crm.services.imports.shown import Shown

Choices = list[tuple[str, Any]]


class UploadForm(forms.Form):
    """The file to import."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "CSV, Excel (.xlsx) or LibreOffice (.ods), zipped or not, up to 200 MB."
            " One file at a time."
        ),
        widget=forms.FileInput(
            attrs={"accept": ".csv,.tsv,.txt,.xlsx,.ods,.zip,.gz", "class": "p-drop"}
        ),
        error_messages={
            "required": gettext_lazy("Choose a file first."),
            "missing": gettext_lazy("Choose a file first."),
            "invalid": gettext_lazy("Choose a file first."),
            "empty": gettext_lazy("This file is empty. Nothing was kept."),
        },
    )


class KindForm(forms.Form):
    """What kind of rows the file has."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What is in it"),
        choices=lambda: [(kind.name, kind.label) for kind in KINDS.values()],
    )


class ReadingForm(forms.Form):
    """How the file is read. Valid, `options` holds what differs from finding out."""

    def __init__(self, data: Any, *, shown: Shown, options: Mapping[str, Any]) -> None:
        super().__init__(data)
        if shown.sheets:
            self._add("sheet", _("Sheet"), [(name, name) for name in shown.sheets])
            self.initial["sheet"] = shown.sheet or shown.member
        if not shown.sheet:
            self._add("encoding", _("Letters"), _encodings(shown.encoding))
            self._add("delimiter", _("Between the columns"), _delimiters())
            self.initial["encoding"] = options.get("encoding", "")
            self.initial["delimiter"] = shown.delimiter
        self.fields["header_row"] = forms.IntegerField(
            label=_("Line with the names of the columns"),
            min_value=1,
            max_value=10_000,
            initial=shown.header_row,
        )

    def _add(self, name: str, label: str, choices: Choices) -> None:
        self.fields[name] = forms.ChoiceField(
            label=label, required=False, choices=choices
        )

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


def _encodings(found: str) -> Choices:
    return [("", _("As we found: %(name)s") % {"name": found}), *_ENCODINGS]


def _delimiters() -> Choices:
    return [
        (",", _("Commas")),
        (";", _("Semicolons")),
        ("\t", _("Tabs")),
        ("|", _("Bars |")),
    ]


# Those that people meet, by where they meet them.
_ENCODINGS: Choices = [
    ("utf-8", "UTF-8"),
    ("windows-1252", gettext_lazy("Windows, Western Europe (windows-1252)")),
    ("windows-1255", gettext_lazy("Windows, Hebrew (windows-1255)")),
    ("gb18030", gettext_lazy("Simplified Chinese (GBK, GB18030)")),
    ("big5", gettext_lazy("Traditional Chinese (Big5)")),
    ("windows-1250", gettext_lazy("Windows, Central Europe (windows-1250)")),
    ("windows-1251", gettext_lazy("Windows, Cyrillic (windows-1251)")),
    ("windows-1253", gettext_lazy("Windows, Greek (windows-1253)")),
    ("windows-1254", gettext_lazy("Windows, Turkish (windows-1254)")),
    ("windows-1256", gettext_lazy("Windows, Arabic (windows-1256)")),
    ("shift-jis", gettext_lazy("Japanese (Shift JIS)")),
    ("euc-kr", gettext_lazy("Korean (EUC-KR)")),
    ("mac-roman", gettext_lazy("Old Macintosh (Mac Roman)")),
    ("cp850", gettext_lazy("DOS, Western Europe (cp850)")),
    ("cp862", gettext_lazy("DOS, Hebrew (cp862)")),
]
