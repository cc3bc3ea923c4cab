"""The pages that bring a file in, pressed as people press them."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from crm.models import Customer, ImportDraft, ImportRun, Order, StoredFile
from crm.services import files, jobs
from tests.crm.export_shapes import STORIES
from tests.factories import NOW, UserFactory
from tests.pages import read

pytestmark = pytest.mark.django_db

PLAIN = "name,email,since\nDana Levi,dana@example.org,2019-05-12\n"


@pytest.fixture
def desk():
    client = Client()
    client.force_login(UserFactory(role="manager"))
    return client


def work():
    while jobs.work(now=NOW, seconds=60).is_unfinished:
        pass


def send(client, *sent):
    """Hand files up by the form of the page; sent: (name, content)."""
    page = client.get("/imports/new/")
    address = re.search(r'action="(/imports/upload/[^"]+)"', read(page))[1]
    uploads = [
        SimpleUploadedFile(
            name, content.encode() if isinstance(content, str) else content
        )
        for name, content in sent
    ]
    return client.post(address, {"file": uploads})


def hand_up(client, content, name="people.csv"):
    answer = send(client, (name, content))
    assert answer.status_code == 303, read(answer)
    return ImportDraft.objects.latest("pk")


def form_of(client, draft):
    """What the form of the columns sends when nothing is changed."""
    form = client.get(f"/imports/{draft.pk}/").context["form"]
    return {
        bound.html_name: bound.value()
        for bound in form
        if bound.value() not in (None, False)
    }


def press_through(client, draft, **changes):
    """Try it, and bring it in."""
    answer = client.post(f"/imports/{draft.pk}/", {**form_of(client, draft), **changes})
    assert answer.status_code == 303, read(answer)
    work()
    tried = client.get(f"/imports/{draft.pk}/try/")
    answer = client.post(f"/imports/{draft.pk}/start/")
    assert answer.status_code == 303
    work()
    return tried, client.get(answer.url)


def test_a_plain_list_comes_in_by_three_presses(desk):
    draft = hand_up(desk, PLAIN)

    tried, done = press_through(desk, draft)

    assert "1 new, 0 changed" in read(tried)
    assert "1 new, 0 changed" in read(done)
    dana = Customer.objects.get()
    assert (dana.given_name, dana.email) == ("Dana", "dana@example.org")
    assert str(dana.since_on) == "2019-05-12"


def test_the_way_back_loses_nothing(desk):
    draft = hand_up(desk, PLAIN)
    form = {**form_of(desk, draft), "source": "till", "column_2": "birthday"}
    desk.post(f"/imports/{draft.pk}/", form)

    again = form_of(desk, draft)

    assert (again["source"], again["column_2"]) == ("till", "birthday")


def test_whatever_a_command_can_be_told_of_rows_the_page_can_be_told_too(desk):
    text = 'email,name,tags,since\nd@example.org,Dana,"a,b;c",45000\n'
    draft = hand_up(desk, text)
    said = {"tag_mark": "semicolon", "identity": "address", "serial_dates": "on"}
    said["column_3"] = "customer_since"

    press_through(desk, draft, **said, strict="on")

    person = Customer.objects.get()
    assert person.external_id == "d@example.org"
    assert person.since_on.isoformat() == "2023-03-15"
    assert sorted(tag.name for tag in person.tags.all()) == ["a,b", "c"]
    run = ImportRun.objects.latest("pk")
    assert run.options["strict"] is True


def test_orders_of_nobody_are_kept_where_that_is_chosen(desk):
    text = (
        "order number,customer,email,order date,sku,quantity,price\n"
        "O1,0,,2026-05-01,TEA,1,2.50\n"
    )
    draft = hand_up(desk, text)

    press_through(desk, draft, guests="orders")

    assert Order.objects.get().customer.external_id == "guest:O1"


def test_what_was_said_of_people_does_no_harm_to_a_file_of_orders(desk):
    draft = hand_up(
        desk,
        "order number,customer,order date,sku,quantity,price,email\n"
        "O1,C1,2026-05-01,TEA,1,2.50,d@example.org\n",
    )
    desk.post(f"/imports/{draft.pk}/kind/", {"kind": "customers"})
    columns = {"column_1": "external_id", "identity": "number"}
    sent = {**form_of(desk, draft), **columns}
    assert desk.post(f"/imports/{draft.pk}/", sent).status_code == 303
    desk.post(f"/imports/{draft.pk}/kind/", {"kind": "orders"})

    press_through(desk, draft)

    assert Order.objects.get().external_id == "O1"


def test_what_is_refused_is_still_there(desk):
    draft = hand_up(desk, PLAIN)
    form = {**form_of(desk, draft), "source": "till", "column_0": "email"}

    page = read(desk.post(f"/imports/{draft.pk}/", form), status=422)

    assert "“Email” is chosen for two columns" in page
    assert 'value="till"' in page


def test_a_draft_is_found_again_and_thrown_away(desk):
    draft = hand_up(desk, PLAIN, name="of-the-shop.csv")
    assert "of-the-shop.csv" in read(desk.get("/imports/"))

    desk.post(f"/imports/{draft.pk}/discard/")

    assert "of-the-shop.csv" not in read(desk.get("/imports/"))
    assert not StoredFile.objects.exists()
    assert desk.get(f"/imports/{draft.pk}/").status_code == 404


def test_an_abandoned_draft_goes_with_its_file(desk):
    draft = hand_up(desk, PLAIN)
    StoredFile.objects.update(
        created_at=NOW - timedelta(days=400), kept_until=NOW - timedelta(days=1)
    )

    files.purge(now=NOW)

    assert not ImportDraft.objects.filter(pk=draft.pk).exists()


def test_a_mapping_is_remembered_for_the_next_file_of_its_kind(desk):
    text = "wer,wo,seit\nDana Levi,dana@example.org,2019-05-12\n"
    first = hand_up(desk, text)
    press_through(
        desk, first, column_0="name", column_1="email", column_2="customer_since"
    )
    assert Customer.objects.count() == 1

    again = hand_up(desk, text.replace("Dana Levi", "Ade Oduya").replace("dana", "ade"))

    assert form_of(desk, again)["column_2"] == "customer_since"
    assert "as you said the last time" in read(desk.get(f"/imports/{again.pk}/"))


def test_pressing_twice_brings_it_in_once(desk):
    draft = hand_up(desk, PLAIN)
    press_through(desk, draft)

    desk.post(f"/imports/{draft.pk}/start/")

    assert ImportRun.objects.filter(is_dry_run=False).count() == 1


def test_a_change_after_the_trial_asks_for_another_one(desk):
    draft = hand_up(desk, PLAIN)
    desk.post(f"/imports/{draft.pk}/", form_of(desk, draft))
    work()

    desk.post(f"/imports/{draft.pk}/kind/", {"kind": "customers"})

    assert "Nothing was tried yet" in read(desk.get(f"/imports/{draft.pk}/try/"))


def test_a_column_that_nobody_uses_stays_out_whatever_it_is_called(desk):
    draft = hand_up(desk, "name,email,company\nDana Levi,dana@example.org,Kettle\n")

    press_through(desk, draft, column_2="")

    assert Customer.objects.get().organisation == ""


def test_a_column_is_kept_beside_the_person(desk):
    draft = hand_up(desk, "name,email,shoe size\nDana Levi,dana@example.org,38\n")

    press_through(desk, draft, column_2="custom")

    assert Customer.objects.get().custom == {"shoe size": "38"}


def test_lines_that_are_left_out_are_told_with_the_cell_as_it_was(desk):
    text = "external_id,name\nC1,Dana\n,Nobody\nC1,Twice\n"
    tried, done = press_through(desk, hand_up(desk, text))

    for page in (read(tried), read(done)):
        assert "1 new, 0 changed" in page
        assert "2 left out" in page
        assert "The first 2 problems" in page


# --- Troubles ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ([], "Choose a file first."),
        ([("empty.csv", "")], "This file is empty."),
        ([("a.csv", PLAIN), ("b.csv", PLAIN)], "Choose one file"),
        ([("a.pdf", b"%PDF-1.7 and so on")], "This is a PDF"),
        (
            [("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old")],
            "an older Office program",
        ),
        ([("a.png", b"\x89PNG\r\n")], "an image (PNG)"),
    ],
)
def test_a_file_that_is_of_no_use_is_refused_in_words(desk, sent, words):
    answer = send(desk, *sent)

    assert words in read(answer, status=422)
    assert not StoredFile.objects.exists()


def test_whoever_may_not_import_sees_no_line_in_the_menu():
    agent = Client()
    agent.force_login(UserFactory(role="agent"))

    assert "/imports/" not in read(agent.get("/"))
    assert agent.get("/imports/").status_code == 403


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "most"), [("/imports/", 12), ("/imports/new/", 9), ("", 15), ("read/", 13)]
)
def test_pages_ask_a_fixed_number_of_questions(
    desk, path, most, django_assert_max_num_queries
):
    for _ in range(3):
        draft = hand_up(desk, PLAIN)
        press_through(desk, hand_up(desk, PLAIN))
    url = path if path.startswith("/") else f"/imports/{draft.pk}/{path}"
    desk.get(url)

    with django_assert_max_num_queries(most):
        desk.get(url)


def test_an_import_is_taken_back_by_one_press(desk):
    tried, done = press_through(desk, hand_up(desk, PLAIN))
    run = ImportRun.objects.get(is_dry_run=False)
    ImportRun.objects.update(finished_at=timezone.now())
    assert "can be taken back for seven days" in read(tried)
    page = read(desk.get(f"/imports/runs/{run.pk}/"))
    assert "Can be taken back until" in page

    answer = desk.post(f"/imports/runs/{run.pk}/undo/")
    under_way = read(desk.get(answer.url))
    work()

    assert "You can leave this page" in under_way
    assert "Removed: 1. As before: 0. Kept: 0." in read(desk.get(answer.url))
    assert not Customer.objects.exists()
    assert desk.get(f"/jobs/{run.job_id}/").url == answer.url


def test_the_trial_promises_no_way_back_that_there_is_not(desk):
    draft = hand_up(desk, "Email Address\ndana@example.org\n")
    desk.post(f"/imports/{draft.pk}/kind/", {"kind": "opt_outs"})

    tried, done = press_through(desk, draft)

    assert "What an import of this kind brought stays." in read(tried)
    assert "can be taken back for seven days" not in read(tried)
    assert "What an import of this kind brought stays." in read(done)


def test_a_file_of_old_contacts_may_promise_one(desk):
    text = "email,date,type,body\ndana@example.org,2024-05-01,call,Asked for a mug\n"
    press_through(desk, hand_up(desk, PLAIN))

    tried, done = press_through(desk, hand_up(desk, text))

    assert "can be taken back for seven days" in read(tried)
    assert "See the customers" in read(done)
    ImportRun.objects.update(finished_at=timezone.now())
    run = ImportRun.objects.latest("pk")
    assert run.kind == "history"
    desk.post(f"/imports/runs/{run.pk}/undo/")
    work()
    assert "Removed: 1." in read(desk.get(f"/imports/runs/{run.pk}/"))


def test_what_cannot_be_taken_back_says_why(desk):
    press_through(desk, hand_up(desk, PLAIN))
    run = ImportRun.objects.get(is_dry_run=False)
    ImportRun.objects.update(finished_at=NOW - timedelta(days=900))

    desk.post(f"/imports/runs/{run.pk}/undo/")

    assert "seven days, which are over" in read(desk.get(f"/imports/runs/{run.pk}/"))
    assert Customer.objects.exists()


def test_who_opted_out_there_has_opted_out_here(desk):
    content, _, _ = STORIES["mailchimp-audience"]

    tried, _ = press_through(desk, hand_up(desk, content))

    assert "opted out" in read(tried)


def test_birthdays_of_mailchimp_come_along_as_month_and_day(desk):
    content, _, _ = STORIES["mailchimp-audience"]
    draft = hand_up(desk, content)

    page = read(desk.get(f"/imports/{draft.pk}/"))
    press_through(desk, draft)

    assert "05/12 is 12 May" in page
    assert "05/12 is 5 December" in page
    rae = Customer.objects.get()
    assert (rae.birth_month, rae.birth_day) == (5, 12)


# Each with the day that its first row is read as when nothing is changed.
WRITTEN = [
    (["21-03-05", "98-12-31"], "2021-03-05", ""),
    (["98-12-31"], "1998-12-31", ""),
    (["21-03-05", "20-04-19"], "2005-03-21", "21-03-05 is 5 March 2021"),
    (["31/12/98", "05/03/99"], "1998-12-31", ""),
    (["05/03/2019"], "2019-03-05", "05/03/2019 is 3 May 2019"),
]


@pytest.mark.parametrize(("cells", "read_as", "question"), WRITTEN)
def test_years_of_two_digits_are_read_in_the_order_that_fits_every_row(
    desk, cells, read_as, question
):
    rows = [f"Person {at},p{at}@example.org,{cell}" for at, cell in enumerate(cells)]
    draft = hand_up(desk, "\n".join(["name,email,since", *rows, ""]))

    page = read(desk.get(f"/imports/{draft.pk}/"))
    press_through(desk, draft)

    first = Customer.objects.get(email="p0@example.org")
    assert str(first.since_on) == read_as
    assert question in page
    assert question in page
    assert ('type="radio" name="date_order"' in page) is bool(question)


def test_words_for_a_ground_come_along(desk):
    press_through(desk, hand_up(desk, PLAIN), ground="Gave us their card")

    assert Customer.objects.get().mail_ground == "Gave us their card"


def test_contact_history_is_told_from_people_by_its_columns(desk):
    text = "email,date,type,body\ndana@example.org,2024-05-01,call,Asked for a mug\n"

    assert hand_up(desk, text).kind == "history"


def test_a_word_for_a_state_that_nobody_knows_is_asked_for(desk):
    text = (
        "order id,customer id,order date,sku,quantity,price,status\n"
        "A-1,C-1,2026-05-01,TEA,1,2.50,Completed\n"
        "A-2,C-1,2026-05-02,TEA,1,2.50,Somehow\n"
    )
    draft = hand_up(desk, text)
    form = form_of(desk, draft)
    page = read(desk.post(f"/imports/{draft.pk}/", form), status=422)
    assert "Say what “Somehow” means." in page

    press_through(desk, draft, word_status_1="cancelled")

    states = Order.objects.order_by("external_id").values_list("state", flat=True)
    assert list(states) == ["delivered", "cancelled"]


WORDS = (
    "name,email,country,language\n"
    "Ana,ana@example.org,Ruritania,Klingon\n"
    "Ben,ben@example.org,Georgia,he\n"
    "Cy,cy@example.org,ruritania ,\n"
)


def places():
    rows = Customer.objects.order_by("email").values_list("country", "language")
    return list(rows)


def test_any_word_for_a_country_or_a_language_may_mean_one_of_ours(desk):
    draft = hand_up(desk, WORDS)
    page = desk.get(f"/imports/{draft.pk}/")
    form = page.context["form"]
    assert [[field.label for field in each["fields"]] for each in form.words] == [
        ["Ruritania"], ["Klingon"]
    ]  # fmt: skip
    known = {field.label: field.value() for field in form.known_words}
    assert known == {"Georgia": "GE", "he": "he"}

    press_through(
        desk, draft, word_country_0="DE", word_country_1="US", word_language_0="en"
    )

    assert places() == [("DE", "en"), ("US", "he"), ("DE", "")]


def test_words_are_remembered_and_those_of_the_next_file_join_them(desk):
    press_through(desk, hand_up(desk, WORDS), word_country_0="DE", word_language_0="en")
    other = WORDS.replace("uritania", "yland").replace("Klingon", "Elvish")
    press_through(desk, hand_up(desk, other), word_country_0="FR", word_language_0="")

    again = hand_up(desk, WORDS)

    assert form_of(desk, again)["word_country_0"] == "DE"
    assert again.options["value_map"] == {
        "country": {"Ruritania": "DE", "Ryland": "FR"}, "language": {"Klingon": "en"}
    }  # fmt: skip


def test_words_for_currencies_are_asked_once_their_column_is_chosen(desk):
    text = (
        "order id,customer id,order date,sku,quantity,price,in\n"
        "A-1,C-1,2026-05-01,TEA,1,2.50,€\n"
        "A-2,C-1,2026-05-02,TEA,1,2.50,Taler\n"
    )
    draft = hand_up(desk, text)
    form = {**form_of(desk, draft), "column_6": "currency"}

    asked = desk.post(f"/imports/{draft.pk}/", form).context["form"]

    [words] = [each for each in asked.words if each["name"] == "currency"]
    assert {field.label: field.value() for field in words["fields"]} == {
        "Taler": "", "€": "EUR"
    }  # fmt: skip
    press_through(desk, draft, word_currency_0="CHF")
    assert Order.objects.get(external_id="A-1").currency == "EUR"


def test_the_preview_shows_skipped_titles_and_how_days_and_numbers_are_read(desk):
    text = (
        "Sales of the shop\n"
        "1 May to 31 May\n"
        "order id;customer id;order date;sku;quantity;price\n"
        "A-1;C-1;05/03/2026 14:30;TEA;1;1.299,50\n"
        "A-2;C-1;31/03/2026;TEA;1;2,00\n"
        "A-3;C-1;soon;TEA;1;cheap\n"
    )
    draft = hand_up(desk, text)

    page = desk.get(f"/imports/{draft.pk}/read/")

    assert page.context["shown"].notes == [
        "2 lines above the header were skipped: Sales of the shop · 1 May to 31 May"
    ]
    cells = {cell.text: cell for row in page.context["rows"] for cell in row}
    assert cells["05/03/2026 14:30"].words == "is 5 March 2026, 14:30"
    assert cells["31/03/2026"].words == "is 31 March 2026"
    assert cells["1.299,50"].words == "is 1299.50"
    assert cells["2,00"].words == "is 2.00"
    assert (cells["soon"].words, cells["soon"].is_bad) == ("cannot be read", True)
    assert cells["cheap"].is_bad
    assert (cells["TEA"].words, cells["1"].words) == ("", "")
    assert "is 5 March 2026, 14:30" in read(page)
    assert ("order date", "Ordered on") in page.context["header"]
    # And where the columns are chosen, by the order that is chosen there.
    columns = read(desk.get(f"/imports/{draft.pk}/"))
    assert "is 1299.50" in columns
    assert "is 5 March 2026, 14:30" in columns


def test_days_that_may_be_two_are_said_by_the_order_that_is_chosen(desk):
    text = "email,date,type,body\ndana@example.org,05/03/2024,call,Asked\n"
    press_through(desk, hand_up(desk, PLAIN))
    draft = hand_up(desk, text)
    assert draft.kind == "history"

    before = read(desk.get(f"/imports/{draft.pk}/"))
    press_through(desk, draft, date_order="mdy")

    assert "is 5 March 2024" in before
    assert "05/03/2024 is 3 May 2024" in before
    again = read(desk.get(f"/imports/{hand_up(desk, text).pk}/read/"))
    assert "is 3 May 2024" in again
