"""Icons, chips, menu items and the other tags, rendered without a database."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory

from messaging.templatetags.message_chips import MESSAGE_CHIPS
from web.templatetags.charts import DayCount
from web.templatetags.ui import ICONS

NAMES = sorted(file.stem for file in ICONS.glob("*.svg"))
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def render(source: str, **context: object) -> str:
    return Template("{% load ui charts message_chips %}" + source).render(
        Context(context)
    )


@dataclass(frozen=True)
class Person:
    full_name: str
    language: str = ""

    def __str__(self) -> str:
        return self.full_name


def test_every_icon_is_hidden_from_readers():
    for name in NAMES:
        drawn = render("{% icon name %}", name=name)
        assert 'class="ic"' in drawn
        assert drawn.count("<svg") == drawn.count("</svg>") == 1, name
        assert '<path d="M' in drawn or '<path d="m' in drawn
        assert 'aria-hidden="true"' in drawn


def test_an_unknown_icon_is_a_mistake_of_ours():
    with pytest.raises(TemplateSyntaxError):
        render('{% icon "unicorn" %}')


@pytest.mark.parametrize(
    ("state", "word", "tone", "icon"),
    [
        ("planned", "Planned", "info", "calendar"),
        ("later", "Later", "wait", "clock"),
        ("on_hold", "On hold", "off", "pause"),
        ("sent", "Sent", "good", "check"),
        ("suppressed", "Not sent", "off", "cross"),
        ("expired", "Too late", "off", "hourglass"),
        ("cancelled", "Cancelled", "off", "slash"),
        ("failed", "Failed", "bad", "triangle"),
        ("uncertain", "Unsure", "warn", "question"),
        ("claimed", "Being sent", "info", "send"),
        ("handed", "Being sent", "info", "send"),
        ("superseded", "Replaced", "off", "history"),
    ],
)
def test_a_state_is_an_icon_a_word_and_a_colour(state, word, tone, icon):
    drawn = render("{% chip state %}", state=state)
    assert f'class="p-chip p-{tone}"' in drawn
    assert f"<span>{word}</span>" in drawn
    assert render("{% icon name %}", name=icon) in drawn
    assert state in MESSAGE_CHIPS


def test_a_chip_may_say_until_when():
    assert "<span>Later, 24 Nov</span>" in render('{% chip "later" "24 Nov" %}')


def test_an_unknown_state_or_tone_is_a_mistake_of_ours():
    with pytest.raises(TemplateSyntaxError):
        render('{% chip "delivered" %}')
    with pytest.raises(TemplateSyntaxError):
        render('{% badge tone="pink" %}x{% endbadge %}')


def test_a_badge_escapes_what_people_wrote():
    drawn = render('{% badge icon="tag" %}{{ tag }}{% endbadge %}', tag="<b>x</b>")
    assert "&lt;b&gt;x&lt;/b&gt;" in drawn


def test_a_menu_item_without_a_page_is_left_out():
    assert render('{% nav_item "nowhere:page" "sun" "Nowhere" %}') == ""


@pytest.mark.urls("tests.web.urls")
@pytest.mark.parametrize(
    ("path", "mark"),
    [
        ("/customers/", 'aria-current="page"'),
        ("/customers/41/", 'aria-current="true"'),
        ("/", "aria-current"),
    ],
)
def test_a_menu_item_knows_where_we_are(path, mark):
    request = RequestFactory().get(path)
    item = '{% nav_item "desk:customer-list" "people" "Customers" 1240 key="c" %}'
    drawn = render(item, request=request)
    assert (mark in drawn) is (path != "/")
    assert '<span class="p-cnt">1,240</span>' in drawn
    assert 'data-go="c"' in drawn


@pytest.mark.urls("tests.web.urls")
def test_today_is_current_only_on_its_own_page():
    item = '{% nav_item "desk:today" "sun" "Today" 0 %}'
    elsewhere = render(item, request=RequestFactory().get("/customers/"))
    assert "aria-current" not in elsewhere
    assert "p-cnt" not in elsewhere
    here = render(item, request=RequestFactory().get("/"))
    assert 'aria-current="page"' in here


@pytest.mark.parametrize(
    ("cookie", "own", "shown"),
    [
        ("dark", "light", "dark"),
        ("", "light", "light"),
        ("", "", "auto"),
        ('"><script>', "", "auto"),
    ],
)
def test_the_theme_is_the_cookie_then_the_persons_own(cookie, own, shown):
    request = RequestFactory().get("/")
    request.COOKIES["theme"] = cookie
    request.user = type("Somebody", (), {"theme": own})()
    assert render("{% theme %}", request=request) == shown


def test_the_theme_needs_no_request():
    assert render("{% theme %}") == "auto"


def test_names_are_kept_apart_and_in_their_language():
    chen = Person("陳怡君", "zh-hant")
    assert render("{% name p %}", p=chen) == '<bdi lang="zh-Hant">陳怡君</bdi>'
    assert render("{% name p %}", p=Person("<i>")) == "<bdi>&lt;i&gt;</bdi>"
    assert render("{{ 'a@b.c'|ltr }}") == '<bdi dir="ltr">a@b.c</bdi>'


def test_ago_takes_the_clock_of_the_page():
    nine = datetime(2026, 11, 9, 15, 41, tzinfo=UTC)
    assert render("{% ago at %}", at=nine, now=NOW) == (
        '<time datetime="2026-11-09T15:41:00+00:00">12 days ago, 9 Nov</time>'
    )
    assert "in 2 days, 23 Nov" in render("{% ago at %}", at=date(2026, 11, 23), now=NOW)
    assert render("{% ago at %}", at=None) == ""


def test_when_is_absolute():
    assert render('{% when at "Asia/Jerusalem" %}', at=NOW, now=NOW) == (
        '<time datetime="2026-11-21T12:00:00+00:00">21 Nov, 14:00</time>'
    )
    assert render("{% when at %}", at=date(2025, 1, 2), now=NOW) == (
        '<time datetime="2025-01-02">2 Jan 2025</time>'
    )


def test_day_bars_start_at_nought_and_say_their_numbers():
    days = [DayCount(date(2026, 11, 22) + timedelta(n), n) for n in range(3)]
    drawn = render('{% day_bars days "Mails" %}', days=days)
    assert 'aria-label="Mails: 3, 22 Nov to 24 Nov"' in drawn
    assert drawn.count("<rect") == 3
    assert 'height="0.0"' in drawn
    assert "style=" not in drawn


def test_day_bars_of_nothing():
    nothing = [DayCount(date(2026, 11, 22), 0)]
    assert 'height="0.0"' in render('{% day_bars days "Mails" %}', days=nothing)
    assert render('{% day_bars days "Mails" %}', days=[]) == ""
