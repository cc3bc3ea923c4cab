"""The layout of a mail is made once, and filled in for each message."""

import re
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.template import TemplateSyntaxError
from django.test import override_settings

from crm.models import Business, Customer
from messaging.kinds import MailContext
from messaging.models import Message
from messaging.rendering import MailUrls, Rendered, render
from messaging.rendering import layout as layouts
from messaging.rendering.layout import _constants, layout, to_html
from messaging.rendering.places import Places
from messaging.rules.choices import Category
from messaging.rules.wording import check, fill, one_line_subject
from tests.messaging.plain_kind import PlainKind, TransactionalKind

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SHOP = Business(
    name="Kettle & Leaf",
    from_name="Noa",
    reply_to="noa@kettle.example",
    postal_address="4 Mill Lane, Leeds",
)
URLS = MailUrls(
    links={"answer": "https://kettle.example/s/abc/"},
    stop="https://kettle.example/u/stop/",
    preferences="https://kettle.example/p/pref/",
)


def mail(
    *,
    language: str = "en",
    name: str = "Dana",
    kind: PlainKind | None = None,
    urls: MailUrls = URLS,
    context: MailContext | None = None,
    **wording: str,
) -> Rendered:
    kind = kind or PlainKind()
    message = Message(language=language, customer=Customer(greeting_name=name))
    return render(
        message,
        kind,
        context or kind.sample(language, NOW),
        urls=urls,
        business=SHOP,
        wording=wording,
    )


def visible(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html.partition("<body")[2]))


def test_a_mail_has_greeting_words_sign_off_reason_and_address() -> None:
    text = visible(mail().html)

    for words in (
        "Kettle &amp; Leaf",
        "Hello Dana,",
        "Your Ethiopia 1 kg arrived.",
        "Reply to this mail and it reaches me.",
        "Noa, Kettle &amp; Leaf",
        "You got this because &lt;order&gt; 10493 arrived.",
        "Stop surveys",
        "Choose what we send",
        "4 Mill Lane, Leeds",
    ):
        assert words in text


def test_the_text_part_shows_the_same_with_whole_addresses() -> None:
    text = mail().text

    assert "Hello Dana," in text
    assert "Your Ethiopia 1 kg arrived." in text
    assert "You got this because <order> 10493 arrived." in text
    assert "Stop surveys: https://kettle.example/u/stop/" in text
    assert "Choose what we send: https://kettle.example/p/pref/" in text
    assert "\n\n\n" not in text


def test_loops_and_conditions_of_the_template_are_filled_for_each_message() -> None:
    kind = PlainKind()
    with_items = mail().html
    context = kind.sample("en", NOW)
    without = mail(context=MailContext(words=context.words)).html

    assert "<td><bdi>&lt;b&gt;one&lt;/b&gt;</bdi></td></tr><tr><td><bdi>two" in (
        with_items.replace("\n", "")
    )
    assert "<bdi>two</bdi>" not in without
    assert "{%" not in with_items
    assert "pz" not in visible(with_items)


def test_the_score_row_links_to_every_score() -> None:
    html = mail().html

    links = re.findall(r'href="https://kettle.example/s/abc/\?score=(\d+)"', html)
    assert links == [str(score) for score in range(11)]


def test_hebrew_mails_are_mirrored() -> None:
    html = mail(language="he").html

    assert '<html lang="he" dir="rtl"' in html
    assert re.search(r'<table\sclass="scores"[^>]* dir="rtl"', html)
    assert not re.search(r'<td\salign="left"', html)


def test_chinese_mails_name_their_script() -> None:
    assert '<html lang="zh-Hans" dir="ltr"' in mail(language="zh-hans").html


def test_nothing_in_a_mail_is_loaded_from_another_host() -> None:
    html = mail().html

    hosts = set(re.findall(r"https?://([^/\"' ]+)", html))
    assert hosts == {"kettle.example", "www.w3.org"}
    assert "@import" not in html


def test_a_mail_declares_that_it_suits_light_and_dark() -> None:
    html = mail().html

    assert '<meta name="color-scheme" content="light dark">' in html
    assert "background-color:#FFFFFF" in html


def test_classes_become_style_attributes() -> None:
    assert re.search(r'<a [^>]*style="[^"]*line-height: 42px', mail().html)


def test_a_customer_without_a_name_is_greeted_without_one() -> None:
    bare = mail(name="", intro="Thanks {first_name}, really {first_name}!")

    assert "Hello," in bare.text
    assert "Thanks, really!" in bare.text


@pytest.mark.parametrize(
    ("language", "intro", "bare", "named"),
    [
        ("en", "{first_name}, how was it?", "How was it?", "Dana, how was it?"),
        ("he", "{first_name}, איך היה?", "איך היה?", "Dana, איך היה?"),
        ("zh-hans", "{first_name}，用得好吗？", "用得好吗？", "Dana，用得好吗？"),
        ("zh-hant", "{first_name}，用得好嗎？", "用得好嗎？", "Dana，用得好嗎？"),
    ],
)
def test_words_that_begin_with_a_name_read_well_without_one(
    language, intro, bare, named
) -> None:
    greetings = {"en": "Hello,", "he": "שלום,"}

    without = mail(language=language, name="", intro=intro).text.splitlines()

    assert without[0] == greetings.get(language, "您好！")
    assert bare in without
    assert named in mail(language=language, intro=intro).text.splitlines()


def test_words_of_staff_never_reach_the_template_engine() -> None:
    words = "{{ 111*3 }} {% debug %} {settings.SECRET_KEY} %(x)s {0.__class__} {#x#}"
    strange = mail(intro=words, subject=words)

    assert words in strange.text
    assert strange.subject == words
    assert "333" not in visible(strange.html)
    assert "{{ 111*3 }}" in strange.html


def test_a_customer_or_product_name_cannot_bring_markup() -> None:
    context = MailContext(words={"product": "<script>{{ x }}</script>"})
    html = mail(name="<img src=x>", context=context).html

    assert "<script>" not in html
    assert "<img" not in html
    assert "<bdi>&lt;script&gt;{{ x }}&lt;/script&gt;</bdi>" in html


def test_long_words_of_staff_keep_their_lines() -> None:
    assert "One<br>\nTwo" in mail(intro="One\nTwo").html


def test_an_empty_field_falls_back_to_the_product_s_own_words() -> None:
    assert mail(subject="").subject == "News from Kettle & Leaf"


def test_a_placeholder_without_a_word_fails_instead_of_sending_a_gap() -> None:
    with pytest.raises(LookupError, match="product"):
        mail(context=MailContext())


def test_a_subject_is_one_line_without_direction_controls() -> None:
    turned = one_line_subject("Hi\r\nBcc: x@y.example\u202e\u2066 you\x00\x1b[1m")

    assert turned == "Hi Bcc: x@y.example you[1m"


def test_a_long_subject_is_cut_with_a_sign() -> None:
    assert len(one_line_subject("x" * 500)) == 200


def test_a_transactional_mail_has_no_stop_link() -> None:
    urls = MailUrls(links=URLS.links, preferences=URLS.preferences)
    out = mail(kind=TransactionalKind(), urls=urls)

    assert "Stop" not in out.text
    assert "Stop" not in visible(out.html)
    assert "Choose what we send" in out.text


def test_a_layout_is_made_once_whatever_the_words() -> None:
    layout.cache_clear()
    mails = [mail(name=name, intro=f"Only {name}.") for name in ("Dana", "Noa", "Ruth")]

    assert layout.cache_info().misses == 1
    assert [one.text.splitlines()[0] for one in mails] == [
        "Hello Dana,",
        "Hello Noa,",
        "Hello Ruth,",
    ]
    assert "Dana" not in mails[1].html + mails[1].text + mails[1].subject
    assert "Only Noa." in visible(mails[1].html)


def test_who_has_no_name_gets_a_layout_of_their_own() -> None:
    layout.cache_clear()

    assert "Hello Dana," in mail(name="Dana").text
    assert mail(name="").text.startswith("Hello,")
    assert "Hello Noa," in mail(name="Noa").text
    assert layout.cache_info().misses == 2


def test_kept_layouts_are_bounded() -> None:
    assert layout.cache_info().maxsize == 256


def test_a_message_in_an_unknown_language_is_written_in_the_shop_s() -> None:
    assert '<html lang="en"' in mail(language="xx").html


def test_mjml_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError, match="MJML"):
        to_html("<mjml><mj-body></mjml>")


@pytest.fixture
def made(tmp_path):
    """A function that makes the layout of a mail with this subject, for Dana."""

    def make(subject):
        (tmp_path / "odd.subject.txt").write_text(subject)
        (tmp_path / "odd.txt").write_text(
            "{% if first_name %}Dear {{ first_name }}{% endif %}"
        )
        (tmp_path / "odd.mjml").write_text("<mjml><mj-body></mj-body></mjml>")
        places = Places()
        known = {"first_name": "Dana", "shop": "Kettle", "words_known": ["Noa", "Dana"]}
        values = places.replaced(known | {"left": 12, "nickname": ""})
        return layout("odd", Category.SURVEY, "en", values), places

    folder = [
        settings.TEMPLATES[0] | {"DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}
    ]
    layout.cache_clear()
    with override_settings(TEMPLATES=folder):
        layouts._engine.cache_clear()
        yield make
    layouts._engine.cache_clear()
    layout.cache_clear()


@pytest.mark.parametrize(
    "condition",
    ['first_name == "Dana"', 'first_name != "Dana"', '"Da" in first_name',
     "first_name in words_known", "first_name == shop", "first_name < shop"],
)  # fmt: skip
def test_a_template_that_compares_words_is_refused_and_not_silently_false(
    condition, made
) -> None:
    with pytest.raises(TemplateSyntaxError, match="compares words"):
        made("{% if " + condition + " %}x{% endif %}")


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("{{ first_name|upper }}", "upper"),
        ("{{ words_known.0|length }}", "length"),
        ("{% filter title %}Hello {{ first_name }}{% endfilter %}", "title"),
        ("{% load tz %}{{ shop|utc }}", "utc"),
        ('{{ "x"|add:first_name }}', "add"),
    ],
)
def test_a_template_that_filters_words_is_refused_and_not_silently_wrong(
    subject, name, made
) -> None:
    with pytest.raises(TemplateSyntaxError, match=f"odd: .*filters words.*“{name}”"):
        made(subject)


def test_what_is_no_word_of_a_recipient_may_be_filtered(made) -> None:
    parts, places = made(
        '{{ left|add:1 }} {{ "only"|upper }} {{ nickname|default:first_name }}'
    )

    assert parts.subject.filled(places.plain) == "13 ONLY Dana"


def test_the_sheets_of_mjml_stay_in_the_head() -> None:
    html = mail().html

    assert "@media only screen and (min-width:480px)" in html
    assert "data-css-inline" not in html


@override_settings(LANGUAGES_BIDI=["en"])
def test_the_constants_of_a_language_follow_its_direction() -> None:
    constants = _constants("en", Category.SURVEY)

    assert (constants["dir"], constants["start"], constants["end"]) == (
        "rtl",
        "right",
        "left",
    )


def test_unknown_placeholders_are_named_once_in_order() -> None:
    text = "{shop} {coupon} {first_name} {bogus} {coupon}"

    assert check(text, {"shop", "first_name"}) == ["coupon", "bogus"]


def test_filling_leaves_unknown_placeholders_and_other_braces() -> None:
    filled = fill("{shop} {x} { y } {{z}}", {"shop": "Kettle"})

    assert filled == "Kettle {x} { y } {{z}}"


def test_words_that_look_like_a_marker_stay_as_they_are() -> None:
    strange = mail(name="pz3zp", subject="pz99zp pzazz")

    assert "Hello pz3zp," in visible(strange.html)
    assert "Hello pz3zp," in strange.text
    assert strange.subject == "pz99zp pzazz"
