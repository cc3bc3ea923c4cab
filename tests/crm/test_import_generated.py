"""Three hundred files of all sorts: read back equal or refused in words, and nothing in
them silently changed."""

import pytest

from crm.errors import FileUnusable
from crm.models import Customer
from tests.crm.generated_files import ORDERS, WORDS, generate
from tests.crm.importing import file_of, refusals, take_customers

pytestmark = pytest.mark.django_db

MANY = 300


def check(tmp_path, seed):
    made = generate(seed)
    path = file_of(tmp_path, made.data, f"{seed}.csv")
    source = f"s{seed}"
    try:
        report = take_customers(path, source=source, date_order=made.order)
    except FileUnusable as error:
        unsure = error.message
    else:
        unsure = ""
    if unsure:
        # Too little text to be sure: both readings are shown, and one settles it.
        assert "--encoding" in unsure, (seed, made.encoding, unsure)
        assert not Customer.objects.filter(source=source).exists()
        report = take_customers(
            path, source=source, date_order=made.order, encoding=made.encoding
        )
    told = {key: says for key, says in made.told.items() if says is not None}
    stored = {
        one.external_id: (
            one.given_name, one.family_name, one.organisation,
            one.since_on, one.heard_from,
        )
        for one in Customer.objects.filter(source=source)
    }  # fmt: skip
    assert stored == told, (seed, made.encoding)
    odd = len(made.told) - len(told)
    assert refusals(report) == ({"columns": odd} if odd else {}), seed
    assert (report.read, report.accepted) == (len(made.told), len(told)), seed


@pytest.mark.parametrize("seed", range(0, len(WORDS), 2))
def test_a_file_of_any_sort_is_read_back_equal(tmp_path, seed):
    check(tmp_path, seed)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, MANY, 75))
def test_three_hundred_files_are_read_back_equal(tmp_path, first):
    for seed in range(first, first + 75):
        check(tmp_path, seed)


@pytest.mark.parametrize("order", ORDERS)
def test_days_of_an_order_that_nobody_said_are_never_another_day(tmp_path, order):
    seed = next(n for n in range(99) if generate(n).order == order)
    made = generate(seed)

    report = take_customers(file_of(tmp_path, made.data))

    for one in Customer.objects.all():
        assert one.since_on in (None, made.told[one.external_id][3])
    assert report.accepted == sum(says is not None for says in made.told.values())
