"""The pages of duplicates: a warning, both side by side, merge, undo, all at once."""

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Customer, CustomerMerge, DifferentPeople, Job, LikelyPair
from crm.services import custom_fields, duplicates, jobs, merge_jobs, merging
from tests.crm.test_duplicates import person
from tests.factories import NOW, CustomerFactory, OrderFactory, UserFactory
from tests.pages import read

pytestmark = pytest.mark.django_db


def browser(role="manager"):
    client = Client()
    client.user = UserFactory(role=role)
    client.force_login(client.user)
    return client


@pytest.fixture
def desk():
    return browser()


def page_of(one, other=None):
    url = reverse("crm:customer-merge", args=[one.pk])
    return f"{url}?with={other.pk}" if other else url


def work():
    while jobs.work(now=NOW, seconds=60).is_unfinished:
        pass


# --- A new customer ------------------------------------------------------------------

TYPED = {"given_name": "Anna", "family_name": "Berg", "email": "ANA@x.org",
         "notes": "Likes oolong"}  # fmt: skip


def test_saving_somebody_who_is_here_asks_first_and_loses_nothing():
    ana = person(email="ana@x.org")
    desk = browser("agent")

    page = read(desk.post("/customers/new/", TYPED), "Looks like", status=422)

    assert f'href="/customers/{ana.pk}/"' in page
    assert "same email address" in page
    for value in TYPED.values():
        assert value in page
    assert Customer.objects.count() == 1


def test_somebody_else_is_created_anyway():
    person(email="ana@x.org")

    answer = browser("agent").post("/customers/new/", {**TYPED, "anyway": "1"})

    assert answer.status_code == 303
    assert Customer.objects.get(notes="Likes oolong").email == "ANA@x.org"


def test_a_mistake_in_the_form_is_told_with_the_warning():
    person(phone_e164="+4930123456")
    typed = {**TYPED, "email": "no address", "phone": "+49 30 123456"}

    page = read(browser("agent").post("/customers/new/", typed), status=422)

    assert "Looks like" in page
    assert "anyway" not in page


def test_nobody_alike_is_saved_at_once():
    person(email="ana@x.org")

    answer = browser("agent").post("/customers/new/", {**TYPED, "email": "b@x.org"})

    assert answer.status_code == 303


def test_what_is_typed_is_looked_up_and_not_stored():
    ana = person(birth_month=5, birth_day=12)
    typed = {"given_name": "Anna", "family_name": "Berg", "birthday": "05-12"}

    answer = browser("agent").post("/customers/new/lookalikes/", typed)

    assert f'href="/customers/{ana.pk}/"' in read(answer, "same birthday")
    assert Customer.objects.count() == 1
    nothing = browser("agent").post("/customers/new/lookalikes/", {})
    assert nothing.content.decode().strip() == ""


# --- Two records ---------------------------------------------------------------------


def test_the_other_record_is_found_by_name_and_both_stand_side_by_side(desk):
    ana, anna = person(notes="Tea"), person("Anna", notes="Milk")
    OrderFactory(customer=anna)

    found = read(desk.get(page_of(ana), {"q": "Anna"}))
    page = read(desk.get(page_of(ana, anna)))

    assert f"?with={anna.pk}" in found
    assert f"?with={ana.pk}" not in found
    assert "Tea" in page
    assert "Milk" in page
    assert 'dir="ltr">0 + 1</bdi>' in page
    assert page.count('type="radio"') == 2 + 3  # given name, notes


def test_fields_that_staff_made_stand_there_in_words(desk):
    price = custom_fields.create(label="Budget", kind="money", by=desk.user, now=NOW)
    seen = custom_fields.create(label="Came by", kind="date", by=desk.user, now=NOW)
    ana, anna = person(), person("Anna")
    Customer.objects.filter(pk=ana.pk).update(
        custom={price.key: {"amount": "12", "currency": "EUR"}}
    )
    Customer.objects.filter(pk=anna.pk).update(custom={seen.key: "2026-03-05"})

    page = read(desk.get(page_of(ana, anna)), "Budget")

    for words in ("€12.00", "Came by", "5 Mar 2026"):
        assert words in page
    assert "{" not in page.split("<tbody>")[1].split("</tbody>")[0]


def test_why_they_look_alike_is_said_once(desk):
    facts = {"birth_month": 5, "birth_day": 12, "postcode": "10115"}
    ana, anna = person(**facts), person("Anna", **facts)
    Customer.objects.filter(pk__in=[ana.pk, anna.pk]).update(phone_e164="+4930123")

    page = read(desk.get(page_of(ana, anna)))

    told = " ".join(page.split('class="p-sub">')[1].split("</p>")[0].split())
    assert told == "same phone, same birthday, same postcode, name nearly the same"


def test_the_chosen_values_are_merged_and_the_undo_stands_there(desk):
    ana, anna = person(notes="Tea"), person("Anna", notes="Milk")

    answer = desk.post(
        page_of(ana),
        {"with": anna.pk, "kept": ana.version, "dropped": anna.version,
         "fact-given_name": "dropped", "fact-notes": "both"},
        follow=True,
    )  # fmt: skip

    ana.refresh_from_db()
    assert (ana.given_name, ana.notes) == ("Anna", "Tea\n\nMilk")
    row = CustomerMerge.objects.get(kept=ana, merged_by=desk.user)
    page = read(answer, "Merged into this record")
    assert page.count(f"/merges/{row.pk}/undo/") == 2  # the toast and the panel
    assert desk.get(f"/customers/{anna.pk}/").url == f"/customers/{ana.pk}/"


def test_undo_brings_both_back(desk):
    ana, anna = person(), person("Anna")
    row = merging.merge(ana, anna, now=NOW)

    read(desk.post(f"/merges/{row.pk}/undo/", follow=True), "Two records again")
    again = read(desk.post(f"/merges/{row.pk}/undo/", follow=True))

    assert "undone already" in again
    assert Customer.objects.live().count() == 2


def test_what_was_changed_in_the_meantime_is_shown_first(desk):
    ana, anna = person(), person("Anna")
    Customer.objects.filter(pk=anna.pk).update(version=7)
    sent = {"with": anna.pk, "kept": ana.version, "dropped": anna.version}

    read(desk.post(page_of(ana), {**sent, "fact-given_name": "dropped"}), status=409)

    assert Customer.objects.live().count() == 2


@pytest.mark.parametrize("sent", [{}, {"kept": "x", "dropped": "1"}])
def test_nothing_is_merged_that_was_not_looked_at(desk, sent):
    ana, anna = person(), person("Anna")

    answer = desk.post(page_of(ana), {"with": anna.pk, **sent})

    assert answer.status_code == 409
    assert Customer.objects.live().count() == 2


def test_a_choice_that_is_none_is_refused(desk):
    ana, anna = person(), person("Anna")
    sent = {"with": anna.pk, "kept": ana.version, "dropped": anna.version}

    answer = desk.post(page_of(ana), {**sent, "fact-given_name": "drop table"})

    assert answer.status_code == 400
    assert Customer.objects.live().count() == 2


def test_a_record_is_not_compared_with_itself_or_one_that_is_gone(desk):
    ana, gone = person(), CustomerFactory()
    merging.merge(ana, gone, now=NOW)

    assert desk.get(page_of(ana, ana)).status_code == 404
    assert desk.get(page_of(ana, gone)).status_code == 404
    assert desk.get(page_of(gone, ana)).status_code == 404


# --- The list ------------------------------------------------------------------------


def test_pairs_are_listed_the_likeliest_first_and_by_pages(desk, monkeypatch):
    monkeypatch.setattr("crm.views.duplicates.SIZE", 1)
    person("Tom", email="a@x.org")
    person("Ina", email="a@x.org")
    exact = [person("Zoe", email="z@x.org"), person("Zoe", email="z@x.org")]
    duplicates.refresh(now=NOW)

    first = read(desk.get("/duplicates/"), "same name")
    older = first.split('rel="next"')[1].split('href="')[1].split('"')[0]
    second = read(desk.get(f"/duplicates/{older}"))

    assert f"/customers/{exact[0].pk}/merge/?with={exact[1].pk}" in first
    assert "Tom" not in first
    assert "Tom" in second
    assert "same name" not in second


def test_a_pair_of_which_one_is_gone_is_not_listed(desk):
    ana, anna = person(email="a@x.org"), person(email="a@x.org")
    duplicates.refresh(now=NOW)
    Customer.objects.filter(pk=anna.pk).update(erased_at=NOW)

    assert f"/customers/{ana.pk}/" not in read(desk.get("/duplicates/"))


def test_not_the_same_is_taken_back_by_its_undo(desk):
    ana, anna = person(email="a@x.org"), person(email="a@x.org")
    duplicates.refresh(now=NOW)

    page = read(
        desk.post(f"/customers/{ana.pk}/different/", {"from": anna.pk}, follow=True)
    )
    assert DifferentPeople.objects.count() == 1
    assert not LikelyPair.objects.exists()
    undo = page.split("data-toast")[1].split('action="')[1].split('"')[0]
    desk.post(undo.replace("&amp;", "&"))

    assert not DifferentPeople.objects.exists()


# --- All exact pairs -----------------------------------------------------------------


def three_of_one_and_a_doubt():
    same = [person(email="a@x.org") for _ in range(3)]
    person("Tom", email="t@x.org")
    person("Ina", email="t@x.org")
    duplicates.refresh(now=NOW)
    return same


def test_all_exact_pairs_are_merged_by_a_job_and_taken_apart_again(desk):
    same = three_of_one_and_a_doubt()
    read(desk.get("/duplicates/exact/"), "3 pairs")

    here = desk.post("/duplicates/exact/").url
    work()

    live = Customer.objects.live().filter(email_norm="a@x.org")
    assert list(live) == [same[0]]
    assert Customer.objects.live().count() == 3
    read(desk.get(here), "2 merged")
    desk.post(here)
    work()
    assert Customer.objects.live().count() == 5
    read(desk.get(here), "0 merged, 2 taken apart again")


def test_a_pair_that_is_no_longer_exact_is_left_alone():
    _, second, third = three_of_one_and_a_doubt()
    Customer.objects.filter(pk=second.pk).update(sort_name="x")
    Customer.objects.filter(pk=third.pk).update(birth_month=1, birth_day=1)
    Customer.objects.exclude(pk=third.pk).update(birth_month=1, birth_day=2)

    job = merge_jobs.start(by=UserFactory(role="manager"), now=NOW)
    work()

    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("done", 3, 3)
    assert not CustomerMerge.objects.exists()


def test_a_record_that_got_another_address_in_the_same_job_is_left_alone():
    same = {"phone_e164": "+4930123"}
    ana = person(**same)
    person(email="a@x.org", **same)
    third = person(email="b@x.org", **same)
    duplicates.refresh(now=NOW)
    assert LikelyPair.objects.filter(is_exact=True).count() == 2

    merge_jobs.start(by=UserFactory(role="manager"), now=NOW)
    work()

    third.refresh_from_db()
    assert (third.merged_into, CustomerMerge.objects.get().kept) == (None, ana)


def test_not_the_same_holds_for_whoever_takes_the_record_in_the_same_job():
    ana, other, third = (person(email="a@x.org") for _ in range(3))
    duplicates.say_different(other, third, by=UserFactory(), now=NOW)
    duplicates.refresh(now=NOW)

    merge_jobs.start(by=UserFactory(role="manager"), now=NOW)
    work()

    merged = CustomerMerge.objects.get()
    assert (merged.kept, merged.dropped) == (ana, other)


def test_slices_pass_over_no_pair(monkeypatch):
    monkeypatch.setattr(merge_jobs, "SLICE", 1)
    three_of_one_and_a_doubt()

    merge_jobs.start(by=UserFactory(role="manager"), now=NOW)
    work()

    assert CustomerMerge.objects.count() == 2
    assert Job.objects.get().state == "done"


def test_what_was_merged_on_stays_and_the_rest_comes_apart():
    same = three_of_one_and_a_doubt()
    job = merge_jobs.start(by=UserFactory(role="manager"), now=NOW)
    work()
    merging.merge(person("Zoe"), same[0], now=NOW)

    merge_jobs.start_undo(job, by=job.started_by, now=NOW)
    work()

    assert CustomerMerge.objects.filter(job=job, undone_at=None).count() == 2


def test_the_page_of_another_job_is_not_there(desk):
    other = Job.objects.create(kind="export", created_at=NOW)

    assert desk.get(f"/duplicates/exact/{other.pk}/").status_code == 404
