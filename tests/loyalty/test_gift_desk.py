"""The gift desk: what is to do, by whom and when, done and undone, and its print."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from loyalty.models import Grant
from loyalty.selectors import gift_desk
from loyalty.services import grants, rewards
from loyalty.services.rewards import Words
from tests.factories import CustomerFactory, UserFactory
from tests.loyalty.reward_shop import give, make, open_shop
from tests.pages import read
from web.errors import InvalidValue

URL = "/gifts/"


@pytest.fixture
def noa(db):
    open_shop()
    return UserFactory(role="owner", name="Noa Bar", time_zone="UTC")


@pytest.fixture
def desk(client, noa):
    client.force_login(noa)
    return client


def letter(name="Letter", **values):
    return make(name, kind="letter", fulfilment="desk", **values)


def given(reward, person=None, days=None, owner=None, key="anniversary:2026:1"):
    """A grant that is due so many days from now."""
    (row,) = give(reward, person or CustomerFactory(), key=key, now=timezone.now())
    changes = {"owner": owner}
    if days is not None:
        changes["due_on"] = timezone.now().date() + timedelta(days=days)
    Grant.objects.filter(pk=row.pk).update(**changes)
    row.refresh_from_db()
    return row


def names_on(page, *names):
    return [name for name in names if f"{name} Levi" in page]


def somebody(name, **more):
    return CustomerFactory(
        given_name=name, greeting_name=name, family_name="Levi", **more
    )


# --- What stands there ---------------------------------------------------------------


def test_a_grant_is_due_after_the_days_of_its_reward_with_whoever_does_it(noa):
    reward = letter(days_to_do=3, doer=noa)

    (row,) = give(reward)

    assert (row.due_on, row.owner) == (date(2026, 12, 2), noa)


def test_who_left_gets_nothing_to_do(noa):
    gone = UserFactory(role="agent", is_active=False)

    assert give(letter(doer=gone))[0].owner is None


def test_each_tab_holds_what_it_says(desk, noa):
    reward = letter(limit_per_customer=None)
    people = ("Ada", -1), ("Ben", 0), ("Cleo", 6), ("Dov", 7)
    for name, days in people:
        given(reward, somebody(name), days, owner=noa if name == "Dov" else None)
    names = [name for name, _days in people]

    def shown(tab):
        return names_on(read(desk.get(f"{URL}?tab={tab}")), *names)

    assert shown("week") == ["Ada", "Ben", "Cleo"]
    assert shown("late") == ["Ada"]
    assert shown("mine") == ["Dov"]
    assert shown("all") == names
    today = timezone.now().date()
    assert gift_desk.counts(staff=noa, today=today) == {
        "week": 3, "late": 1, "mine": 1, "all": 4,
    }  # fmt: skip


def test_pages_follow_one_another_without_gap_or_double(desk, monkeypatch):
    monkeypatch.setattr("loyalty.views.gift_desk.PAGE", 2)
    reward = letter(limit_per_customer=None)
    for name in ("Ada", "Ben", "Cleo"):
        given(reward, somebody(name), 1)

    first = read(desk.get(f"{URL}?tab=all"))
    later = first.split("after=")[1].split('"')[0]
    second = read(desk.get(f"{URL}?tab=all&after={later}"))

    assert names_on(first, "Ada", "Ben", "Cleo") == ["Ada", "Ben"]
    assert names_on(second, "Ada", "Ben", "Cleo") == ["Cleo"]


def test_more_rows_ask_no_more_queries(desk, django_assert_max_num_queries):
    reward = letter(limit_per_customer=None)
    given(reward, owner=UserFactory(name="A"))
    with django_assert_max_num_queries(100) as one:
        first = desk.get(URL)
    for name in ("B", "C", "D"):
        given(reward, owner=UserFactory(name=name))
    with django_assert_max_num_queries(len(one)):
        more = desk.get(URL)

    for page in (first, more):
        read(page, "</h1>")


def test_what_is_spent_stands_beside_the_budget_and_currencies_are_not_added(desk):
    given(letter(cost=Decimal(12), yearly_budget=Decimal(100)))
    given(letter("Lunch", cost=Decimal(30)))
    other = letter("Card", cost=Decimal(5), yearly_budget=Decimal(50))
    type(other).objects.filter(pk=other.pk).update(currency="USD")
    make("Ten off", yearly_budget=Decimal(999))

    page = read(desk.get(URL), "€12.00 of €100.00", "US$0.00 of US$50.00")

    assert "€30.00 for rewards without a budget" in page
    assert 'value="12"' in page


def test_what_waits_for_a_yes_stands_on_the_desk_and_on_today_before_it_runs_out(
    desk, noa
):
    reward = make(
        "Lunch", kind="meal", fulfilment="ask", life_days=30, limit_per_customer=None
    )
    given(reward, somebody("Ada"))
    soon = given(reward, somebody("Ben"), key="hand:1")
    assert "Ben Levi" not in read(desk.get("/?tab=team"))
    end = timezone.now() + timedelta(days=6)
    Grant.objects.filter(pk=soon.pk).update(expires_at=end, expires_on=end.date())

    page = read(desk.get(URL), "Waiting for a yes", "Nothing is to do")
    offered = page.split('id="offered"')[1]
    assert offered.index("Ben Levi") < offered.index("Ada Levi")
    assert ">2<" in offered
    today = read(desk.get("/?tab=team"), "Ben Levi", "nobody has said yes yet")
    assert "Ada Levi" not in today


def test_a_gift_says_what_gave_it_on_the_desk_its_page_and_the_timeline(desk):
    row = given(letter(), days=1, key="anniversary:2026:2")
    Grant.objects.update(source="automation")

    for url in (URL, f"/grants/{row.pk}/", row.customer.get_absolute_url()):
        read(desk.get(url), "Anniversary 2026, mail 2")


# --- Done, and not after all ---------------------------------------------------------


def test_one_press_is_done_once_and_can_be_undone(desk, noa):
    row = given(letter())

    for _ in range(2):
        desk.post(f"/grants/{row.pk}/done/", {"next": URL})
    row.refresh_from_db()
    assert (row.state, row.ended_by) == ("done", noa)
    page = read(desk.get(URL), f"/grants/{row.pk}/reopen/")
    desk.post(f"/grants/{row.pk}/reopen/")

    assert "Nothing is to do" in page
    row.refresh_from_db()
    assert row.state == "to_do"


def test_the_button_of_the_list_keeps_the_note_and_the_page_changes_it(desk):
    row = given(letter())
    url = f"/grants/{row.pk}"
    desk.post(f"{url}/done/", {"note": "Blue ink"})
    desk.post(f"{url}/reopen/")
    read(desk.get(f"{url}/"), "Blue ink")
    desk.post(f"{url}/done/", {"next": URL})

    row.refresh_from_db()
    assert (row.state, row.note) == ("done", "Blue ink")
    read(desk.get(row.customer.get_absolute_url()), "Blue ink", "Done")


def test_many_are_done_at_once_and_undone_together(desk):
    reward = letter(limit_per_customer=None)
    rows = [given(reward) for _ in range(3)]
    ids = [row.pk for row in rows]
    desk.post(f"/grants/{ids[0]}/done/")

    desk.post("/gifts/change/", {"ids": ids, "action": "done"})
    undo = read(desk.get(URL), "2 are done.").split('action="/gifts/undo/')[1]
    assert not Grant.objects.filter(state="to_do").exists()
    desk.post(f"/gifts/undo/{undo.split(chr(34))[0]}")

    left = Grant.objects.filter(state="to_do")
    assert set(left.values_list("pk", flat=True)) == set(ids[1:])


def test_what_ended_otherwise_is_not_done(desk):
    row = given(letter())
    grants.take_back(row, by=None, now=timezone.now())

    desk.post("/gifts/change/", {"ids": row.pk, "action": "done"})
    desk.post(f"/gifts/undo/?ids={row.pk}")

    row.refresh_from_db()
    assert row.state == "taken_back"


# --- Who and when --------------------------------------------------------------------


def test_ticked_ones_are_assigned_and_given_back_to_whom_they_were(desk, noa):
    ben = UserFactory(role="agent", name="Ben")
    reward = letter(limit_per_customer=None)
    hers, free = given(reward, owner=noa), given(reward)

    form = {"ids": [hers.pk, free.pk], "action": "assign", "colleague": ben.pk}
    desk.post("/gifts/change/", form)
    undo = read(desk.get(URL), "Given to Ben.").split('action="/gifts/undo/')[1]
    assert set(Grant.objects.values_list("owner", flat=True)) == {ben.pk}
    desk.post(f"/gifts/undo/{undo.split(chr(34))[0].replace('&amp;', '&')}")

    hers.refresh_from_db()
    free.refresh_from_db()
    assert (hers.owner, free.owner) == (noa, None)


@pytest.mark.parametrize("colleague", ["0", "x", "analyst"])
def test_it_is_given_to_nobody_who_does_no_gifts(desk, noa, colleague):
    row = given(letter(), owner=noa)
    if colleague == "analyst":
        colleague = UserFactory(role="analyst").pk

    form = {"ids": row.pk, "action": "assign", "colleague": colleague}
    desk.post("/gifts/change/", form)

    row.refresh_from_db()
    assert row.owner == noa
    read(desk.get(URL), "Nothing was changed.")


def test_day_and_person_are_changed_on_its_page_and_a_wrong_day_is_kept(desk, noa):
    row = given(letter())
    url = f"/grants/{row.pk}"

    wrong = desk.post(f"{url}/plan/", {"owner": noa.pk, "due_on": "soon"})
    read(wrong, 'value="soon"', status=422)
    desk.post(f"{url}/plan/", {"owner": noa.pk, "due_on": "2027-01-04"})

    row.refresh_from_db()
    assert (row.owner, row.due_on) == (noa, date(2027, 1, 4))


def test_today_shows_mine_and_what_is_nobodys(desk, noa):
    reward = letter(limit_per_customer=None)
    given(reward, somebody("Ada"), -1)
    given(reward, somebody("Ben"), 6, owner=noa)
    given(reward, somebody("Cleo"), 0, owner=UserFactory())

    page = read(desk.get("/?tab=mine"), "1 day late")
    mine = names_on(page, "Ada", "Ben", "Cleo")
    team = names_on(read(desk.get("/?tab=team")), "Ada", "Ben", "Cleo")

    assert mine == ["Ada", "Ben"]
    assert team == ["Ada", "Ben", "Cleo"]


# --- Print ---------------------------------------------------------------------------

HERE = {"street": "Herzl 5", "city": "Tel Aviv", "country": "IL"}


def test_labels_of_the_ticked_ones_stand_behind_the_used_places(desk):
    reward = letter(limit_per_customer=None)
    rows = [
        given(reward, somebody("Ada", postcode="6100001", **HERE)),
        given(reward, somebody("Ben")),
    ]
    to = desk.post(
        "/gifts/change/", {"ids": [row.pk for row in rows], "action": "labels"}
    )
    page = read(desk.get(f"{to['Location']}&skip=20&sheet=a4-21"), "Herzl 5")

    assert "Without an address, and so without a label" in page
    assert page.count("p-sheet-a4-21") == 1
    assert page.split("Herzl 5")[0].split("p-sheet-a4-21")[1].count("<div>") == 21


def test_a_label_in_hebrew_is_written_from_right_to_left(desk):
    dana = somebody("דנה", street="הרצל 5", city="תל אביב", country="IL")
    row = given(letter(), dana)

    read(desk.get(f"/gifts/labels/?ids={row.pk}"), 'class="p-label" dir="rtl"')


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Dear Dana,"), ("he", "שלום Dana,"), ("zh-hans", "Dana，您好："),
     ("zh-hant", "Dana，您好："), ("fr", "Dear Dana,")],
)  # fmt: skip
def test_a_card_without_words_of_staff_has_ours_in_the_language_of_its_reader(
    desk, noa, language, words
):
    row = given(letter(), somebody("Dana", language=language), owner=noa)

    page = read(desk.get(f"/gifts/cards/?ids={row.pk}"), words, "Noa Bar")

    assert "our own words stand on them" in page
    assert 'class="p-gift-card"' in page


def test_a_card_has_the_words_of_staff_in_its_language_with_how_long_they_came(desk):
    words = {
        "en": Words("", card="Dear {first_name}, {years} already."),
        "he": Words("מכתב", card="{first_name}, כבר {years}."),
    }
    reward = letter(words=words, limit_per_customer=None)
    since = timezone.now().date() - timedelta(days=3 * 366)
    dana = somebody("דנה", language="he", since_on=since)
    ada = somebody("Ada", since_on=since)
    ids = "-".join(str(given(reward, one).pk) for one in (dana, ada))

    page = read(desk.get(f"/gifts/cards/?ids={ids}"), "דנה, כבר 3 שנים.")

    assert "Dear Ada, 3 years already." in page
    assert 'lang="he"\n               dir="rtl"' in page
    assert "our own words" not in page


def test_a_placeholder_that_is_none_is_refused_at_its_field(noa):
    with pytest.raises(InvalidValue) as refused:
        letter(words={"he": Words("", card="{code}")})

    assert refused.value.fields == {"card_he": "unknown_placeholder"}


def test_words_of_a_card_alone_leave_our_name_to_customers(desk):
    reward = letter(words={"en": Words("", card="Hello")})

    assert reward.words.get().name == ""
    rewards.update(reward, version=1, values={}, words={"en": Words("")},
                   now=timezone.now())  # fmt: skip
    assert not reward.words.exists()
