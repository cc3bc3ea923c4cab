"""The automations of a kind on their pages: made, copied, put away and counted."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse
from django.utils.html import escape

from crm.models import Customer, Segment
from messaging import kinds
from messaging.models import Automation
from messaging.selectors.automation_sentence import PARTS
from messaging.services import automation_rows, automations
from tests.factories import CustomerFactory, UserFactory
from tests.pages import read, shown
from web.notices import notices_of

NOW = datetime(2026, 5, 11, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def manager(client, db):
    user = UserFactory(name="Noa", role="manager")
    client.force_login(user)
    return user


@pytest.fixture
def anniversary(db):
    automations.ensure_automations()
    return Automation.objects.get(kind="anniversary")


@pytest.fixture
def second(anniversary):
    return automation_rows.copy(anniversary, name="Second", now=NOW)


def url(name, *args):
    return reverse(f"messaging:automation-{name}", args=args)


def page_of(row):
    return reverse("messaging:automation", args=[row.pk])


def notices(answer):
    return [str(message) for message in answer.context["messages"]]


def values(row, **more):
    names = ("name", "send_hour", "offset_days", "life_days", "weekdays", "version")
    names += ("reentry",)
    return {name: getattr(row, name) for name in names} | more


# --- The list ------------------------------------------------------------------------


def test_the_list_is_the_order_in_which_they_go_first(
    client, manager, anniversary, second
):
    Automation.objects.filter(pk=second.pk).update(priority=0, audience="open=1")

    answer = client.get(url("list"))

    assert answer.context["lines"][0].row.automation == second
    page = answer.content.decode()
    assert "Customers, with an open follow-up" in page
    assert page.index(page_of(second)) < page.index(page_of(anniversary))
    assert "reaches nobody" not in page


def test_a_row_moves_by_its_button_and_back_by_undo(
    client, manager, anniversary, second
):
    def order():
        return [
            line.row.automation.pk for line in client.get(url("list")).context["lines"]
        ]

    before = order()
    assert before.index(second.pk) == before.index(anniversary.pk) + 1
    above = str(anniversary.pk)
    moved = client.post(
        url("move", second.pk), {"before": above, "went": "up"}, follow=True
    )
    button = read(moved, f'id="automation-{second.pk}"')
    (notice,) = [one for one in notices_of(moved.context["messages"]) if one.undo_url]
    after = order()
    client.post(notice.undo_url)

    assert after.index(second.pk) == before.index(anniversary.pk)
    assert "Move “Second” down" in button
    assert order() == before
    assert client.post(url("move", second.pk), {"before": "x"}).status_code == 404
    client.post(url("move", second.pk), {"before": ""})
    assert order()[-1] == second.pk


def test_the_gallery_has_a_card_for_every_kind_and_makes_what_it_says(client, manager):
    page = client.get(url("gallery"))

    cards = [card for part in page.context["sections"] for card in part.cards]
    assert {card.kind.name for card in cards} >= {k.name for k in kinds.swept_kinds()}
    for card in cards:
        # Whom it suits and when it goes, of each of them.
        assert "" not in {card.point.suits, card.point.goes}, card.point.name
        start = f"{url('create', card.kind.name)}?start={card.point.name}"
        assert escape(start) in page.content.decode()
    client.post(start, {"name": "Begun"})
    row = Automation.objects.get(name="Begun")
    assert row.kind == card.kind.name


def test_the_list_shows_who_is_hidden_behind_whom(client, manager, anniversary, second):
    automations.switch_on(anniversary, now=NOW)

    page = read(client.get(url("list")), f'id="automation-{second.pk}"')

    assert "reaches nobody while “Anniversary” goes first" in page


def test_archived_ones_are_listed_apart(client, manager, anniversary, second):
    automation_rows.archive(second, now=NOW)

    answer = client.get(url("list"))

    listed = [line.row.automation for line in answer.context["lines"]]
    assert second not in listed
    assert answer.context["archived"] == [second]
    assert page_of(second) in answer.content.decode()


# --- New and copied ------------------------------------------------------------------


def test_a_new_one_is_named_and_opened(client, manager, anniversary):
    offered = client.get(url("create", "anniversary"))
    answer = client.post(
        url("create", "anniversary"), {"name": "Regulars"}, follow=True
    )

    row = Automation.objects.get(name="Regulars")
    assert offered.context["form"].initial == {"name": "Anniversary"}
    assert (row.kind, row.is_on) == ("anniversary", False)
    assert answer.redirect_chain == [(page_of(row), 302)]
    assert notices(answer) == ["Made, and switched off. Say whom it is for."]


@pytest.mark.parametrize("name", ["", "  ", "x" * 121, "a\nb\x00"])
def test_a_name_that_is_none_is_refused_beside_its_field(
    client, manager, anniversary, name
):
    answer = client.post(url("create", "anniversary"), {"name": name})

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"name"}
    assert Automation.objects.filter(kind="anniversary").count() == 1


@pytest.mark.parametrize("kind", ["nothing", "password_reset"])
def test_a_kind_that_no_one_switches_has_no_automation(client, manager, kind):
    assert client.get(url("create", kind)).status_code == 404


def test_a_copy_is_offered_the_name_of_its_original(client, manager, anniversary):
    offered = client.get(url("copy", anniversary.pk))
    client.post(url("copy", anniversary.pk), {"name": "Again"})

    assert offered.context["form"].initial == {"name": "Copy of Anniversary"}
    assert Automation.objects.get(name="Again").send_hour == anniversary.send_hour


# --- Archived and deleted ------------------------------------------------------------


def test_one_that_never_ran_is_deleted_from_its_page(
    client, manager, anniversary, second
):
    assert url("delete", second.pk) in client.get(page_of(second)).content.decode()

    answer = client.post(url("delete", second.pk), follow=True)

    assert notices(answer) == ["“Second” is deleted."]
    assert not Automation.objects.filter(pk=second.pk).exists()


def test_one_that_ran_is_archived_and_restored_instead(
    client, manager, anniversary, second
):
    automations.switch_on(second, now=NOW)
    automations.switch_off(second, now=NOW)

    page = client.get(page_of(second)).content.decode()
    refused = client.post(url("delete", second.pk), follow=True)
    client.post(url("archive", second.pk), {"to": "archived"})
    archived = client.get(page_of(second)).content.decode()
    on = client.post(url("switch", second.pk), {"to": "on"}, follow=True)
    restored = client.post(url("archive", second.pk), {"to": "restored"}, follow=True)

    assert url("delete", second.pk) not in page
    assert "cannot be deleted; archive it instead" in notices(refused)[0]
    assert url("switch", second.pk) not in archived
    assert notices(on) == ["This automation is archived. Restore it first."]
    assert notices(restored) == ["Restored, and switched off."]
    assert url("switch", second.pk) in client.get(page_of(second)).content.decode()


# --- For whom ------------------------------------------------------------------------


def test_the_audience_is_saved_counted_and_shown_in_the_fields(
    client, manager, anniversary
):
    for name in ("Levi", "Levi", "Cohen"):
        CustomerFactory(family_name=name, owner=manager)
    CustomerFactory(family_name="Levi")
    chosen = {"owner": str(manager.pk), "q": " levi "}

    client.post(url("edit", anniversary.pk), values(anniversary, **chosen))

    anniversary.refresh_from_db()
    assert anniversary.audience == f"q=levi&owner={manager.pk}"
    answer = client.get(f"{page_of(anniversary)}?change=audience")
    audience = read(answer, 'id="audience"')
    assert "2 people now:" in audience
    assert "Customers of Noa, found by “levi”" in audience
    assert answer.context["timing"]["owner"].value() == str(manager.pk)


def test_the_count_follows_what_is_chosen_before_it_is_saved(
    client, manager, anniversary
):
    CustomerFactory()

    some = client.get(url("audience"), {"owner": "none"}).content.decode()
    everybody = client.get(url("audience")).content.decode()
    wrong = client.get(url("audience"), {"owner": "77"}).content.decode()

    assert "1 person now:" in some
    assert "Nobody’s customers" in some
    assert "Everybody" in everybody
    assert "Nobody can be counted" in wrong
    anniversary.refresh_from_db()
    assert anniversary.audience == ""


def test_an_owner_who_left_stays_chosen(client, manager, anniversary):
    gone = UserFactory(name="Tal", is_active=False)
    Customer.objects.all().delete()
    Automation.objects.filter(pk=anniversary.pk).update(audience=f"owner={gone.pk}")

    client.post(
        url("edit", anniversary.pk),
        values(anniversary, owner=str(gone.pk), send_hour=11),
    )

    anniversary.refresh_from_db()
    assert (anniversary.audience, anniversary.send_hour) == (f"owner={gone.pk}", 11)
    assert "Customers of Tal" in client.get(page_of(anniversary)).content.decode()


@pytest.mark.parametrize(
    "wrong", [{"owner": "77"}, {"owner": "me"}, {"q": "a\x00"}, {"name": ""}]
)
def test_what_cannot_be_an_audience_is_refused_and_kept_in_its_field(
    client, manager, anniversary, wrong
):
    answer = client.post(url("edit", anniversary.pk), values(anniversary, **wrong))

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == set(wrong)


def test_the_page_names_those_that_go_first(client, manager, anniversary, second):
    Automation.objects.filter(pk=second.pk).update(priority=0, audience="open=1")
    automations.switch_on(second, now=NOW)

    page = read(client.get(page_of(anniversary)), 'id="sentence"')

    assert "Without those of “Second”, which goes first" in page


def test_the_page_says_that_those_before_it_have_its_people(
    client, manager, anniversary, second
):
    Customer.objects.all().delete()
    CustomerFactory(since_on=date(2020, 5, 20))
    automations.switch_on(anniversary, now=NOW)

    assert (
        "Nobody is left for this one. What goes before it Anniversary 1 mail"
        in shown(client, page_of(second))
    )
    page = read(client.get(page_of(second)))
    order = reverse("messaging:automation-list")
    assert f'<a href="{order}">Order of automations</a>' in page


# --- The sentence --------------------------------------------------------------------


def test_each_part_of_the_sentence_opens_its_form_and_changes_what_it_names(
    client, manager, anniversary
):
    segment = Segment.objects.earliest("id")
    wanted = {
        "name": {"name": "Regulars"},
        "day": {"offset_days": -3},
        "hour": {"send_hour": 7},
        "audience": {"outside": str(segment.pk)},
        "life": {"life_days": 1},
        "days": {"weekdays": [2, 4], "rests": "on"},
        "again": {"reentry": "after_days", "reentry_days": 30},
    }
    assert wanted.keys() == PARTS.keys()

    for part, typed in wanted.items():
        form = client.get(f"{page_of(anniversary)}?change={part}").context["timing"]
        assert {*form.fields} == {*PARTS[part], "version"}
        sent = {**typed, "part": part, "version": form["version"].value()}
        answer = client.post(url("edit", anniversary.pk), sent)
        assert answer["Location"].endswith(f"?changed={part}")

    anniversary.refresh_from_db()
    assert anniversary.name == "Regulars"
    page = client.get(f"{page_of(anniversary)}?changed=hour").content.decode()
    assert words_of(client.get(page_of(anniversary))) == (
        "It goes 3 days before the anniversary, at 07:00 where they are, to Customers, "
        f"not in “{segment}”, at most until 1 day later."
        "Mail goes on Tuesday, Thursday only, and not on days off or public holidays; "
        "what is due on another day waits for the next."
        "Whoever got it once gets it again after 30 days at the earliest."
    )
    assert page.count(" autofocus><bdi>07:00</bdi>") == 1


def words_of(answer):
    return "".join(
        piece.words for sentence in answer.context["sentences"] for piece in sentence
    )


def test_a_refused_part_stands_open_with_what_was_typed(client, manager, anniversary):
    sent = {"part": "life", "life_days": 0, "version": anniversary.version}

    answer = client.post(url("edit", anniversary.pk), sent)

    assert answer.status_code == 422
    assert 'name="life_days" value="0"' in answer.content.decode()
    assert 'name="part" value="life"' in answer.content.decode()


def test_switching_on_is_asked_with_the_number(client, manager, anniversary):
    Customer.objects.all().delete()
    for day in (12, 12, 20):
        CustomerFactory(since_on=date(2020, 5, day))

    page = client.get(url("on", anniversary.pk)).content.decode()
    dialog = client.get(page_of(anniversary)).content.decode()
    client.post(url("switch", anniversary.pk), {"to": "on"})

    assert "It will send 3 mails in 30 days, 0 of them today." in page
    assert "It will send 3 mails in 30 days, 0 of them today." in dialog
    again = client.get(url("on", anniversary.pk)).content.decode()
    assert "It is on already." in again
