"""Wording is found in code and templates without gettext's programs."""

from local import messages


def found_in(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    return [(found, context) for _, found, _, context in messages.messages_in(path)]


def test_code_is_read(tmp_path):
    code = (
        "from django.utils.translation import gettext_lazy as _, pgettext\n"
        "a = _('Send')\n"
        "b = pgettext('button', 'Stop')\n"
        "c = ngettext('%(n)s day', '%(n)s days', n)\n"
    )

    assert found_in(tmp_path, "code.py", code) == [
        ("Send", None),
        ("Stop", "button"),
        (("%(n)s day", "%(n)s days"), None),
    ]


def test_templates_are_read_whatever_stands_around_the_words(tmp_path):
    template = (
        "<p>\n   {% load i18n %} it's (not \"closed\n"
        "  {% translate 'Send' context 'button' %}\n"
        "      {% blocktranslate count n=3 trimmed %}\n  One\n"
        "  {% plural %}\n  {{ n }} of them\n {% endblocktranslate %}\n"
        " {% include 'x.html' with label=_('Close') %} }]"
    )

    assert found_in(tmp_path, "page.html", template) == [
        ("Send", "button"),
        (("One", "%(n)s of them"), None),
        ("Close", None),
    ]


def test_what_is_new_is_missing_until_it_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(messages, "BASE_DIR", tmp_path)
    monkeypatch.setattr(messages, "LOCALES", ("he",))
    (tmp_path / "templates").mkdir()
    page = tmp_path / "templates" / "page.html"
    page.write_text("{% load i18n %}{% translate 'Send' %}")
    missing = list(messages.check())
    messages.update()
    clean = list(messages.check())
    page.write_text("{% load i18n %}{% translate 'Send' %}{% translate 'Stop' %}")
    behind = list(messages.check())

    assert "missing" in missing[0]
    assert clean == []
    assert behind == ["he: the .po is behind the sources: run script/messages"]
