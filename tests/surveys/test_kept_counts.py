"""What a process keeps of the cells is never old: what it shows after a change is what
one shows that has kept nothing."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.services import personal_data
from crm.services.merging import merge
from surveys import result_drawings
from surveys.choices import LeftOut
from surveys.models import Answer, Cell, CellBook, CellDelta, Response, Survey
from surveys.selectors import kept_counts
from surveys.services import cells
from surveys.services.leaving_out import count_again, leave_out
from tests.factories import CustomerFactory, ProductFactory, UserFactory
from tests.surveys.test_answer_import import take
from tests.surveys.test_results import NOW, answer, make

pytestmark = pytest.mark.django_db(transaction=True)
UTC = ZoneInfo("UTC")
MINE = re.compile(r'csrf[^>]*"[^"]+"')


@pytest.fixture
def people(shop):
    return CustomerFactory.create_batch(4, country="IL")


@pytest.fixture
def survey(people):
    """70 answers of each 90 days, of four people and two products."""
    survey = make("nps")
    products = [ProductFactory(name="Ethiopia 1 kg"), ProductFactory(name="Filters")]
    for days in (10, 50, 120):
        for number in range(35):
            row = answer(
                survey,
                10 if number % 3 else 2,
                at=NOW - timedelta(days=days, minutes=number),
                customer=people[number % 4],
                country="IL",
                product_ids=[products[number % 2].pk],
            )
            row.further.create(question="where", kind="choices", choices=["work"])
    left_out = answer(survey, 1, at=NOW - timedelta(days=3))
    leave_out(left_out, because=LeftOut.TEST, now=NOW)
    cells.keep_up(now=NOW)
    return survey


@pytest.fixture
def look(time_machine, survey):
    time_machine.move_to(NOW, tick=False)
    client = Client()
    client.force_login(UserFactory(role="owner"))

    def page():
        answered = client.get(f"/surveys/{survey.pk}/?unit=month&by=product")
        assert answered.status_code == 200
        return MINE.sub("", answered.content.decode())

    return page


def begin_anew():
    """As a process does that has kept and drawn nothing."""
    kept_counts.forget()
    result_drawings.forget()


def new_answer(survey, people, folder):
    answer(survey, 1, at=NOW - timedelta(days=1), customer=people[0])


def another_answer_in_its_place(survey, people, folder):
    """As many rows wait as before, and others."""
    with transaction.atomic():
        new_answer(survey, people, folder)
        kept_counts.book_of(UTC)
        transaction.set_rollback(True)
    answer(survey, 4, at=NOW - timedelta(days=1), customer=people[0])


def changed_answer(survey, people, folder):
    Response.objects.filter(pk=Response.objects.earliest("pk").pk).update(score=4)


def left_out(survey, people, folder):
    leave_out(
        Response.objects.filter(state="confirmed").latest("confirmed_at"),
        because=LeftOut.TEST,
        now=NOW,
    )


def counted_again(survey, people, folder):
    count_again(Response.objects.filter(state="left_out").latest("pk"), now=NOW)


def further_answer(survey, people, folder):
    row = Answer.objects.filter(response__state="confirmed").earliest("pk")
    row.choices = ["home"]
    row.save()


def imported(survey, people, folder):
    take(folder, "".join(f"{at},,{survey.name},2026-11-20,3,,,\n" for at in range(12)))


def imported_from_1_to_10(survey, people, folder):
    row = f",,{survey.name},2024-03-05,9,1-10,,\n"
    take(folder, "".join(f"ten{at}{row}" for at in range(12)))


def merged(survey, people, folder):
    """The same answers of fewer people: the doubt of what moved is another."""
    for dropped in people[1:]:
        merge(people[0], dropped, now=NOW)


def erased(survey, people, folder):
    personal_data.erase(people[0], now=NOW)


def forgotten(survey, people, folder):
    Response.objects.earliest("confirmed_at").delete()


def added_up(survey, people, folder):
    new_answer(survey, people, folder)
    cells.keep_up(now=NOW)


def another_zone(survey, people, folder):
    Response.objects.update(confirmed_at=NOW.replace(day=1, hour=1, month=11))
    cells.keep_up(now=NOW)
    business = cells.crm.business()
    business.time_zone = "America/Los_Angeles"
    business.save()


def another_scale(survey, people, folder):
    Survey.objects.filter(pk=survey.pk).update(kind="csat")


def renamed_product(survey, people, folder):
    type(ProductFactory.build()).objects.update(name="Kenya 1 kg")


# In one test, because to commit takes a second each. `erased` and `merged` change no
# count, and the doubt of what moved alone.
CHANGES = [
    new_answer,
    another_answer_in_its_place,
    changed_answer,
    left_out,
    counted_again,
    further_answer,
    imported,
    imported_from_1_to_10,
    forgotten,
    added_up,
    renamed_product,
    merged,
    erased,
    another_scale,
    another_zone,
]


def test_every_change_is_seen_at_once(survey, people, look, tmp_path):
    for change in CHANGES:
        before = look()
        assert look() == before

        change(survey, people, tmp_path)

        after = look()
        begin_anew()
        assert after == look(), change.__name__
        assert after != before or change in (merged, erased), change.__name__


def test_what_is_kept_is_not_read_again(survey, look):
    look()
    with CaptureQueriesContext(connection) as seen:
        look()

    assert not [one for one in seen if "surveys_cell " in one["sql"]]


def test_a_transaction_that_wrote_keeps_nothing_and_takes_nothing(survey, look):
    """It sees what nobody else does, and is undone."""
    before = look()
    with transaction.atomic():
        answer(survey, 1, at=NOW - timedelta(days=1))
        assert look() != before
        transaction.set_rollback(True)
    assert look() == before
    answer(survey, 5, at=NOW - timedelta(days=1))

    seen = look()

    begin_anew()
    assert seen == look()


def test_while_very_many_wait_nothing_is_kept(survey, monkeypatch):
    monkeypatch.setattr(kept_counts, "MOST_WAITING", 2)
    assert kept_counts.book_of(UTC).state is not None
    for _ in range(3):
        answer(survey, 5, at=NOW)

    assert kept_counts.book_of(UTC) == kept_counts.Book(has_days=True)


def test_whoever_changes_the_cells_gives_them_another_state(survey):
    answer(survey, 5, at=NOW)
    for change in (
        lambda: Cell.objects.filter(by="product").update(count=2),
        lambda: Cell.objects.filter(by="product").delete(),
        lambda: Cell.objects.create(
            survey=survey, by="all", day=NOW.date(), score=1, count=1
        ),
        CellDelta.objects.all().delete,
        lambda: cells.recount(UTC, now=NOW),
    ):
        before = CellBook.objects.get().state

        change()

        assert CellBook.objects.get().state != before


def test_to_add_nothing_leaves_the_state_as_it_is(survey):
    before = CellBook.objects.get().state

    assert cells.keep_up(now=NOW) == 0

    assert CellBook.objects.get().state == before
