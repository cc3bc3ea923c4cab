"""A theme: its name, and the words by which it is found."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from surveys.models import Theme


class ThemeForm(forms.Form):
    """`version` is what was on the page; 0: a new one."""

    version = forms.IntegerField(widget=forms.HiddenInput, initial=0)
    name = forms.CharField(label=_("Name"), max_length=60)
    keywords = forms.CharField(
        label=_("Words by which it is found"),
        help_text=_(
            "One in a line, in any language. A star at the end stands for any ending: "
            "deliver* finds delivery and delivered."
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 10, "dir": "auto"}),
    )

    def clean_keywords(self) -> list[str]:
        lines: str = self.cleaned_data["keywords"]
        return [line.strip() for line in lines.splitlines() if line.strip()]

    @classmethod
    def of(cls, theme: Theme | None, data: Any = None) -> "ThemeForm":
        if theme is None:
            return cls(data)
        initial = {
            "version": theme.version,
            "name": theme.name,
            "keywords": "\n".join(theme.keywords),
        }
        return cls(data, initial=initial)
