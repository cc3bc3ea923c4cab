"""Controls of forms, drawn as Django's templates draw them."""

import re
from datetime import date

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, override

from web.form_renderer import Renderer

PAIRS = [("", gettext_lazy("Any")), (1, "<b>&</b>"), ("x", SafeString("<i>x</i>"))]
GROUPS = [*PAIRS, ("Group & Co", [("g", 1234), (True, date(2026, 11, 30))])]
SHOWN = [
    (forms.Select(choices=PAIRS), 1),
    (forms.Select(choices=GROUPS, attrs={"class": "<c>", "hidden": True}), "g"),
    (forms.SelectMultiple(choices=GROUPS), [1, "g"]),
    (forms.NullBooleanSelect(), True),
    (forms.TextInput(attrs={"maxlength": 5, "disabled": False}), "a \" ' < & b"),
    (forms.TextInput(), None),
    (forms.NumberInput(), 1234.5),
    (forms.EmailInput(), SafeString("a&amp;b")),
    (forms.HiddenInput(), ""),
    (forms.PasswordInput(), "secret"),
    (forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), date(2026, 11, 30)),
    (forms.TimeInput(), None),
    (forms.CheckboxInput(), True),
    (forms.CheckboxInput(), False),
    (forms.Textarea(attrs={"rows": 3}), "\nline < line\n"),
    (forms.Textarea(), None),
    (forms.RadioSelect(choices=PAIRS), "x"),
    (forms.RadioSelect(choices=GROUPS, attrs={"class": "<c>"}), True),
    (forms.CheckboxSelectMultiple(choices=PAIRS), ["x"]),
    (forms.CheckboxSelectMultiple(choices=GROUPS), [1, "g"]),
]


@pytest.mark.parametrize("language", ["en", "he"])
@pytest.mark.parametrize(("widget", "value"), SHOWN)
def test_a_control_is_the_one_of_django(widget, value, language):
    with override(language):
        ours, theirs = (
            widget.render("of", value, attrs={"id": "of"}, renderer=renderer)
            for renderer in (Renderer(), DjangoTemplates())
        )

    assert _packed(ours) == _packed(theirs)
    assert isinstance(ours, SafeString)


def _packed(html):
    """Without the spaces between options, which no browser shows."""
    return re.sub(r">\s+<", "><", html)


def test_forms_are_drawn_so():
    class Form(forms.Form):
        name = forms.CharField(widget=forms.Select(choices=[("a", "A")]))

    assert "selected>A</option>" in str(Form({"name": "a"})["name"])
    assert isinstance(Form().renderer, Renderer)
