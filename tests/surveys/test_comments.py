"""What customers write: searched in any script, in its language, and by theme."""

import pytest
from django.urls import reverse

from surveys.models import CommentReading, ResponseTheme, Theme
from surveys.rules.starting_themes import STARTING_THEMES
from surveys.rules.themes import themes_of
from surveys.selectors import comments
from surveys.services import themes
from surveys.services.comments import language_of, read_new
from surveys.services.responses import record_response
from tests.factories import NOW, InvitationFactory, UserFactory
from web.errors import AlreadyExists, InvalidValue, StaleVersion


def write(words, *, survey=None, language="en", score=9):
    extra = {"survey": survey} if survey else {}
    invitation = InvitationFactory(**extra)
    return record_response(
        invitation.pk, score=score, comment=words, language=language, now=NOW
    )


@pytest.fixture
def delivery(shop):
    return themes.make_theme(
        name="Delivery", keywords=["deliver*", "送货", "משלוח"], now=NOW
    )


@pytest.mark.parametrize(
    ("words", "keywords", "found"),
    [
        ("The DELIVERY was late", ["deliver*"], True),
        ("redelivered", ["deliver*"], False),
        ("expensive", ["expens"], False),
        ("good value, for money!", ["value for money"], True),
        ("price/quality", ["quality"], True),
        ("送货太慢", ["送货"], True),
        ("送了很多货", ["送货"], False),
        ("慢慢来", ["慢慢"], True),
        ("ומהמשלוח לא הייתי מרוצה", ["משלוח"], True),
        ("הַמִּשְׁלוֹחַ איחר", ["משלוח"], True),
        ("l’emballage était cassé", ["casse"], True),
        (".*", ["deliver*"], False),
    ],
)
def test_a_keyword_is_found_as_its_script_writes_words(words, keywords, found):
    assert (themes_of(words, {1: keywords}) == {1}) is found


@pytest.mark.parametrize(
    ("words", "themes"),
    [
        ("The parcel arrived late and the box was torn", {"delivery", "packaging"}),
        ("Too expensive for what it is, the staff was rude", {"price", "service"}),
        ("Nothing to complain about", set()),
        ("快递太慢，包装也破了", {"delivery", "packaging"}),
        ("味道很好，但是太贵了", {"quality", "price"}),
        ("網站很難用，客服態度不好", {"website", "service"}),
        ("宅配遲到，運費太高", {"delivery", "price"}),
        ("והמשלוח התעכב בשבוע, והקופסה פגומה", {"delivery", "packaging", "quality"}),
        ("יקר מדי, אבל השירות אדיב", {"price", "service"}),
    ],
)
def test_the_themes_to_start_from_are_found_in_four_languages(words, themes):
    keys = list(STARTING_THEMES)
    keywords = {at: STARTING_THEMES[key] for at, key in enumerate(keys)}

    assert {keys[at] for at in themes_of(words, keywords)} == themes


@pytest.mark.parametrize(
    ("words", "page", "language"),
    [
        ("The coffee arrived cold and late, but the beans are great", "he", "en"),
        ("המשלוח הגיע באיחור אבל הקפה נהדר", "en", "he"),
        ("咖啡很好喝，但是送货太慢了", "zh-hans", "zh-hans"),
        # Its script, whatever page it was written on; alike in both: the page's.
        ("送貨太慢了", "zh-hans", "zh-hant"),
        ("包装破了", "he", "zh-hans"),
        ("咖啡送貨太慢, coffee good", "en", "zh-hant"),
        ("味道很好", "zh-hant", "zh-hant"),
        ("味道很好", "zh-hans", "zh-hans"),
        ("很好", "en", "zh-hans"),
        ("CP值高", "zh-hant", "zh-hant"),
        ("コーヒーです", "zh-hant", "ja"),
        ("Der Kaffee war leider kalt, als er ankam", "en", "de"),
        ("ok", "en", ""),
        ("10/10", "zh-hans", ""),
    ],
)
def test_the_language_is_that_of_the_words_not_of_the_page(words, page, language):
    assert language_of(words, page) == language


def test_a_new_comment_is_found_by_its_theme_and_by_parts_of_words(delivery):
    late = write("My delivery came very late")
    write("Wonderful taste", survey=late.survey)
    assert comments(late.survey).unread == 2

    assert read_new() == 2

    assert [row.pk for row in comments(late.survey, theme=delivery).page.rows] == [
        late.pk
    ]
    assert len(comments(late.survey, query="elive late").page.rows) == 1
    assert comments(late.survey, query="late wonderful").page.rows == []
    assert comments(late.survey).unread == 0


def test_what_a_person_says_of_a_theme_stays_whatever_keywords_find(delivery):
    wrong = write("Delivered with love")
    missed = write("Came on Tuesday", survey=wrong.survey)
    read_new()

    themes.tag(wrong, delivery, is_about=False, now=NOW)
    themes.tag(missed, delivery, is_about=True, now=NOW)
    themes.edit_theme(delivery, version=1, name="Delivery", keywords=["love"], now=NOW)
    read_new()

    found = comments(wrong.survey, theme=delivery).page.rows
    assert [row.pk for row in found] == [missed.pk]


def test_a_changed_keyword_and_a_changed_comment_are_read_again(delivery):
    response = write("The box was torn")
    read_new()
    assert not ResponseTheme.objects.exists()

    delivery = themes.edit_theme(
        delivery, version=1, name="Delivery", keywords=["box"], now=NOW
    )
    read_new()
    assert ResponseTheme.objects.get().response == response

    record_response(response.invitation_id, score=9, comment="", language="en", now=NOW)
    read_new()

    assert not ResponseTheme.objects.exists()
    assert comments(response.survey).total == 0
    assert CommentReading.objects.get().search_text == ""


def test_what_an_archived_theme_was_found_in_is_kept(delivery):
    late = write("late delivery")
    read_new()

    themes.archive_theme(delivery, archived=True, now=NOW)
    themes.make_theme(name="Time", keywords=["late"], now=NOW)
    read_new()

    assert ResponseTheme.objects.filter(response=late, theme=delivery).exists()


def test_a_share_is_an_interval_and_only_of_enough_comments(delivery):
    first = write("late delivery")
    for _ in range(8):
        write("fine", survey=first.survey)
    read_new()
    assert comments(first.survey).themes[0].share is None

    write("fine too", survey=first.survey)
    read_new()

    row = comments(first.survey).themes[0]
    # Wilson, 1 of 10: 0.018 to 0.404.
    assert (row.count, row.lowest, row.highest) == (1, 1, 41)


def test_names_are_taken_once_and_stale_pages_are_refused(delivery):
    with pytest.raises(AlreadyExists):
        themes.make_theme(name="DELIVERY", keywords=[], now=NOW)
    with pytest.raises(InvalidValue):
        themes.make_theme(name="Stars", keywords=["*"], now=NOW)
    with pytest.raises(StaleVersion):
        themes.edit_theme(delivery, version=7, name="X", keywords=[], now=NOW)


def test_pages_make_themes_and_show_what_is_about_them(client, shop):
    client.force_login(UserFactory(role="owner"))
    response = write("The delivery was late <script>", score=3)

    client.post(reverse("surveys:theme-start"))
    read_new()
    page = client.get(reverse("surveys:survey-comments", args=[response.survey_id]))

    assert Theme.objects.count() == 6
    assert "late &lt;script&gt;" in page.content.decode()
    delivery = Theme.objects.get(name="Delivery")
    client.post(
        reverse("surveys:answer-theme", args=[response.pk]),
        {"theme": delivery.pk, "about": "0"},
    )
    assert comments(response.survey, theme=delivery).page.rows == []
    refused = client.post(
        reverse("surveys:theme-create"), {"version": 0, "name": "price", "keywords": ""}
    )
    assert refused.status_code == 422
    client.post(
        reverse("surveys:theme-archive", args=[delivery.pk]), {"to": "archived"}
    )
    assert "Delivery" not in [
        row.theme.name for row in comments(response.survey).themes
    ]
