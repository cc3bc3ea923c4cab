"""The frames of the pages and the shared partials, rendered without a database."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest
from django.template import Context, Engine, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.test.html import parse_html
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from tests.pages import tight
from web.form_fields import Select
from web.responses import add_message

TEMPLATES = Path(settings.BASE_DIR) / "templates"
PAGES = [
    path for path in sorted(TEMPLATES.rglob("*.html")) if "emails" not in path.parts
]
PARTIALS = sorted(TEMPLATES.glob("_*.html"))
ERRORS = ["400", "403", "403_csrf", "404", "429", "500", "503"]


class Visit(forms.Form):
    name = forms.CharField(label="Name", help_text="As they want to be greeted.")
    day = forms.IntegerField(
        max_value=31, error_messages={"max_value": "Enter a day from 1 to 31."}
    )
    kind = forms.ChoiceField(
        choices=[("call", "Call"), ("visit", "Visit")], widget=forms.RadioSelect
    )
    note = forms.CharField(required=False, widget=forms.Textarea)
    agreed = forms.BooleanField(label="They agreed", required=False)


def refused() -> Visit:
    form = Visit({"name": "", "day": "99", "note": "<script>"})
    form.is_valid()
    return form


def plain(source: str, **context: object) -> str:
    """Rendered without any context processor, as an error page may have to be."""
    return Template(source).render(Context(context))


def staff_page(request: HttpRequest | None = None, **context: object) -> str:
    source = '{% extends "base.html" %}{% block title %}A page{% endblock %}'
    return tight(plain(source, request=request, **context))


# What no page holds. A block of data for search engines is no script: the policy lets
# it be.
UNWANTED = {
    "inline": r"\sstyle\s*=|<style|\son\w+\s*=\s*[\"']|hx-on",
    "script": r"<script(?![^>]*(?:\ssrc=|application/ld\+json))",
    "elsewhere": r"(?:src|href)=[\"']?(?:https?:)?//",
    "over 100 lines": r"\A(?:[^\n]*\n){100}[^\n]",
}


def test_nothing_inline_and_nothing_from_elsewhere():
    found = [
        f"{name}: {path.relative_to(TEMPLATES)}"
        for path in PAGES
        for name, pattern in UNWANTED.items()
        if re.search(pattern, path.read_text())
    ]

    assert len(PAGES) > 200
    assert found == []


def test_no_line_of_any_template_is_longer_than_120():
    """Those of mails too, which no formatter touches."""
    endings = {".html", ".mjml", ".txt", ".css"}
    found = [path for path in sorted(TEMPLATES.rglob("*")) if path.suffix in endings]
    long = [
        f"{path.relative_to(TEMPLATES)}:{number}"
        for path in found
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > 120
    ]

    assert len(found) > 300
    assert long == []


@pytest.mark.parametrize("path", PARTIALS, ids=lambda path: path.name)
def test_each_partial_states_its_context(path):
    head = re.match(r"(\{#.+#\}\n)+", path.read_text())
    assert head
    assert "Context: " in head.group()


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("language", ["en", "he"])
def test_error_pages_need_nothing(name, language):
    with translation.override(language):
        page = render_to_string(f"{name}.html")
    assert "<h1>" in page
    assert "css/public.css" in page


@pytest.mark.parametrize("name", ["500", "503"])
def test_the_last_pages_hold_no_tag_that_could_fail(name):
    assert not re.search(r"\{[%{#]", (TEMPLATES / f"{name}.html").read_text())


def test_a_staff_page_stands_without_shell_and_request():
    page = staff_page()
    assert "<title>A page · Perennial</title>" in page
    assert 'data-bs-theme="auto"' in page
    assert 'id="status"' in page
    assert '<main id="main" tabindex="-1">' in page


def test_a_staff_page_follows_language_theme_and_shop():
    request = RequestFactory().get("/")
    request.COOKIES["theme"] = "dark"
    shell = SimpleNamespace(business_name="Kettle & Leaf", menu=[], user=None)
    with translation.override("he"):
        page = staff_page(request, shell=shell)
    assert '<html lang="he" dir="rtl" data-bs-theme="dark">' in page
    assert "vendor/tabler.rtl" in page
    assert "Kettle &amp; Leaf" in page


def test_a_refused_form_is_shown_in_the_title():
    assert "<title>Error: A page" in staff_page(form=refused())


def test_news_are_toasts_and_errors_are_not():
    request = RequestFactory().get("/")
    request._messages = CookieStorage(request)
    add_message(request, "Done.", undo_url="/undo/7/")
    messages.error(request, "It is closed.")
    page = staff_page(request, messages=list(messages.get_messages(request)))
    status = page[page.index('id="status"') :]
    assert status.count("data-toast") == 1
    assert "<span>Done.</span>" in status
    assert 'action="/undo/7/"' in status
    assert "It is closed." not in status
    assert page.index('class="p-notice p-bad" role="alert"') < page.index('id="status"')


@pytest.mark.parametrize(
    ("code", "language", "direction"),
    [("en", "en", "ltr"), ("zh-hant", "zh-Hant", "ltr"), ("he", "he", "rtl")],
)
def test_a_customers_page_speaks_their_language(code, language, direction):
    with translation.override(code):
        page = tight(render_to_string("public/base.html", {"shop": "Kettle & Leaf"}))
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert f"?lang={code}" not in page
    assert page.count("?lang=") == 3
    assert "<script" not in page
    assert "tabler" not in page


@pytest.mark.parametrize("partial", ["_form_errors.html", "_public_errors.html"])
def test_the_summary_links_to_each_field_in_the_same_words(partial):
    summary = tight(render_to_string(partial, {"form": refused()}))
    assert '<a href="#id_name">Fill in “Name”.</a>' in summary
    assert '<a href="#id_day">Enter a day from 1 to 31.</a>' in summary
    assert '<a href="#id_kind_0">Choose one under “Kind”.</a>' in summary
    assert 'tabindex="-1"' in summary


def test_a_field_has_label_hint_error_and_control_in_this_order():
    field = tight(render_to_string("_field.html", {"field": refused()["name"]}))
    places = [
        field.index(part)
        for part in (
            '<label for="id_name">',
            'id="id_name_helptext"',
            'id="id_name_error"',
            "<input",
        )
    ]
    assert places == sorted(places)
    assert "<span>Error:</span>Fill in “Name”." in field
    assert 'aria-describedby="id_name_helptext id_name_error"' in field
    assert 'aria-invalid="true"' in field
    assert 'dir="auto"' in field


def test_what_was_typed_is_kept_and_escaped():
    field = render_to_string("_field.html", {"field": refused()["note"]})
    assert "&lt;script&gt;" in field
    assert "(optional)" in field


def test_choices_are_a_group_with_a_legend():
    field = render_to_string("_field.html", {"field": refused()["kind"]})
    assert "<fieldset" in field
    assert "Kind" in field[field.index("<legend>") : field.index("</legend>")]


def test_a_scale_and_stars_are_radios():
    ends = {"name": "score", "first": 0, "last": 10}
    scale = tight(render_to_string("_scale.html", {**ends, "chosen": 0}))
    assert scale.count('type="radio"') == 11
    assert re.search(r'value="0" checked', scale)
    assert scale.count("checked") == 1
    stars = render_to_string("_stars.html", {"name": "stars", "chosen": 4})
    assert stars.count('type="radio"') == 5
    assert 'aria-label="4 of 5"' in stars
    nothing = render_to_string("_scale.html", {**ends, "chosen": ""})
    assert "checked" not in nothing


def test_a_long_list_is_written_as_django_writes_it():
    choices = [("", "None"), ("<a>", "“x” & 'y'"), (3, "Three"), ("b", _("Back"))]
    attrs = {"id": "id_kind", "class": "wide", "required": True, "disabled": False}

    for chosen in ("", "<a>", 3, "3", None, "unknown"):
        ours, theirs = (
            parse_html(widget(choices=choices).render("kind", chosen, attrs))
            for widget in (Select, forms.Select)
        )
        assert ours == theirs, chosen
    assert "selected" in Select(choices=choices).render("kind", "<a>")


def test_every_template_of_ours_compiles():
    engine = Engine.get_default()
    for path in PAGES:
        engine.get_template(path.relative_to(TEMPLATES).as_posix())
