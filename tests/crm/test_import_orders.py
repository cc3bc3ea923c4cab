"""Order lines: what is stored, what is refused, and that twice is once."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crm.models import Customer, ImportRun, Order, OrderLine, Product, ProductRule
from crm.rules.choices import ImportState
from crm.services import personal_data
from crm.services.imports import orders
from crm.signals import customers_changed, orders_changed
from tests.crm.importing import (
    NOW,
    ORDER_HEADER,
    UCI_RULES,
    counts,
    file_of,
    physical_rows,
    refusals,
    stored_lines,
    take_orders,
)
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


def take(tmp_path, *lines, header=ORDER_HEADER, **options):
    options.setdefault("create_customers", True)
    return take_orders(file_of(tmp_path, header + "\n".join(lines) + "\n"), **options)


def test_an_order_is_stored_with_its_lines_and_total(tmp_path):
    report = take(
        tmp_path, "O1,C1,2026-05-01 09:30,TEA,2,1.25", "O1,C1,2026-05-01 09:30,CUP,1,7"
    )

    order = Order.objects.get()
    assert counts(report) == (2, 0, 0)
    assert (order.external_id, order.number, order.currency) == ("O1", "O1", "EUR")
    assert order.total == Decimal("9.50")
    assert order.ordered_at == datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
    assert order.last_import == ImportRun.objects.get()
    assert [line.line_key for line in order.lines.order_by("id")] == ["1", "2"]


def test_the_amount_is_rounded_once_half_up(tmp_path):
    take(tmp_path, "O1,C1,2026-05-01,TEA,3,0.335")

    assert OrderLine.objects.get().amount == Decimal("1.01")  # 1.005, not 3 x 0.34


def test_the_same_file_again_touches_no_row(tmp_path):
    lines = [
        f"O{n // 3},C{n % 5},2026-05-01,S{n % 7},{n % 4 + 1},1.5" for n in range(90)
    ]
    lines = [
        line.replace(line.split(",")[1], f"C{int(line[1:].split(',')[0]) % 5}")
        for line in lines
    ]
    take(tmp_path, *lines)
    before = physical_rows()

    report = take(tmp_path, *lines)

    assert counts(report) == (0, 0, 90)
    assert physical_rows() == before


def test_an_order_in_the_file_is_replaced_as_a_whole(tmp_path):
    take(
        tmp_path,
        "O1,C1,2026-05-01,TEA,2,1",
        "O1,C1,2026-05-01,CUP,1,7",
        "O2,C1,2026-05-02,TEA,1,1",
    )
    other = OrderLine.objects.get(order__external_id="O2").pk

    report = take(tmp_path, "O1,C1,2026-05-01,TEA,5,1")

    assert counts(report) == (0, 1, 0)
    assert [
        line.quantity for line in OrderLine.objects.filter(order__external_id="O1")
    ] == [5]
    assert Order.objects.get(external_id="O1").total == 5
    assert OrderLine.objects.get(order__external_id="O2").pk == other


def test_lines_added_to_an_order_are_created_and_the_others_updated(tmp_path):
    take(tmp_path, "O1,C1,2026-05-01,TEA,2,1")

    report = take(tmp_path, "O1,C1,2026-05-01,TEA,2,1", "O1,C1,2026-05-01,CUP,1,7")

    assert counts(report) == (1, 1, 0)


def test_an_order_whose_lines_are_scattered_is_loaded_as_one(tmp_path, monkeypatch):
    monkeypatch.setattr(orders, "SLICE_LINES", 2)
    lines = [
        "O1,C1,2026-05-01,TEA,1,1",
        "O2,C1,2026-05-02,TEA,1,1",
        "O2,C1,2026-05-02,CUP,1,1",
        "O1,C1,2026-05-01,CUP,1,2",
        "O3,C1,2026-05-03,TEA,1,1",
        "O1,C1,2026-05-01,JAR,1,4",
    ]

    report = take(tmp_path, *lines)

    assert counts(report) == (6, 0, 0)
    assert Order.objects.get(external_id="O1").total == 7
    before = physical_rows()
    assert counts(take(tmp_path, *lines)) == (0, 0, 6)
    assert physical_rows() == before


def test_a_file_sorted_by_product_gives_the_same_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(orders, "SLICE_LINES", 10)
    lines = [
        f"O{n % 12:02},C{n % 12 % 5},2026-05-{n % 12 + 1:02},S{n:03},1,2.5"
        for n in range(60)
    ]
    take(tmp_path, *lines, source="scattered")
    # Stable sorting keeps the running numbers of the lines.
    take(tmp_path, *sorted(lines, key=lambda line: line[:3]), source="sorted")

    rows = stored_lines()
    half = len(rows) // 2
    assert half == 60
    assert [row[1:] for row in rows[:half]] == [row[1:] for row in rows[half:]]


def test_line_ids_are_the_identity_of_lines_where_given(tmp_path):
    header = "order_id,customer_id,ordered_at,sku,quantity,unit_price,line_id\n"
    take(
        tmp_path,
        "O1,C1,2026-05-01,TEA,1,1,a",
        "O1,C1,2026-05-01,CUP,1,1,b",
        header=header,
    )
    kept = OrderLine.objects.get(line_key="b").pk

    report = take(
        tmp_path,
        "O1,C1,2026-05-01,CUP,1,1,b",
        "O1,C1,2026-05-01,JAR,1,1,b",
        header=header,
    )

    assert OrderLine.objects.get(line_key="b").pk == kept
    assert refusals(report) == {"line_id_twice": 1, "order_incomplete": 1}

    report = take(tmp_path, "O1,C1,2026-05-01,CUP,4,1,b", header=header)

    assert OrderLine.objects.get().pk == kept
    assert counts(report) == (0, 1, 0)


# --- What an order is ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "nature", "natures"),
    [
        (["C9,C1,2026-05-01,TEA,-2,1.5"], "return", ["return"]),
        (["O9,C1,2026-05-01,TEA,-2,1.5"], "return", ["return"]),
        (["O9,C1,2026-05-01,TEA,2,1.5", "O9,C1,2026-05-01,TEA,-1,1.5"], "sale",
         ["purchase", "return"]),
        (["O9,C1,2026-05-01,TEA,2,0"], "sale", ["writeoff"]),
        (["O9,C1,2026-05-01,post,1,18"], "sale", ["charge"]),
        (["O9,C1,2026-05-01,M,1,18"], "sale", ["writeoff"]),
        (["O9,C1,2026-05-01,gift_0001_20,1,18"], "sale", ["writeoff"]),
        (["O9,C1,2026-05-01,S,1,18"], "sale", ["purchase"]),
        (["O9,C1,2026-05-01,DISCOUNT,1,-5"], "sale", ["charge"]),
    ],
)  # fmt: skip
def test_orders_and_lines_are_kept_as_what_they_are(tmp_path, lines, nature, natures):
    rules = [rule for rule in UCI_RULES if rule.pattern != "S"]
    take(tmp_path, *lines, rules=tuple(rules))

    assert Order.objects.get().nature == nature
    assert [line.nature for line in OrderLine.objects.order_by("id")] == natures


def test_a_return_is_no_order_day(tmp_path):
    take(tmp_path, "C9,C1,2026-04-01,TEA,-2,1.5", "O9,C1,2026-05-01,TEA,2,1.5")

    customer = Customer.objects.get()
    assert (customer.first_order_on, customer.last_order_on) == (date(2026, 5, 1),) * 2


def test_a_rule_of_the_operator_changes_products_and_lines(tmp_path):
    take(tmp_path, "O1,C1,2026-05-01,WRAP-7,1,1")
    ProductRule.objects.create(pattern="wrap-*", nature="fee", why="Gift wrapping")

    report = take(tmp_path, "O1,C1,2026-05-01,WRAP-7,1,1")

    assert counts(report) == (0, 1, 0)
    assert Product.objects.get().nature == "fee"
    assert OrderLine.objects.get().nature == "charge"


def test_a_nature_set_by_hand_stays_where_no_rule_speaks(tmp_path):
    take(tmp_path, "O1,C1,2026-05-01,WRAP,1,1")
    Product.objects.update(nature="fee")

    take(tmp_path, "O1,C1,2026-05-01,WRAP,1,1")

    assert Product.objects.get().nature == "fee"
    assert OrderLine.objects.get().nature == "charge"


def test_nothing_in_a_cancelled_order_is_a_purchase(tmp_path):
    header = "order_id,customer_id,ordered_at,sku,quantity,unit_price,status\n"
    take(tmp_path, "O1,C1,2026-05-01,TEA,1,1,cancelled", header=header)

    order = Order.objects.get()
    assert (order.state, order.cancelled_at) == ("cancelled", NOW)
    assert OrderLine.objects.get().nature == "writeoff"
    assert Customer.objects.get().first_order_on is None


def test_a_file_without_a_status_leaves_state_and_delivery_as_they_are(tmp_path):
    take(tmp_path, "O1,C1,2026-05-01,TEA,1,1")
    Order.objects.update(
        state="cancelled", cancelled_at=NOW, delivered_on=date(2026, 5, 3)
    )
    OrderLine.objects.update(nature="writeoff")

    report = take(tmp_path, "O1,C1,2026-05-01,TEA,1,1")

    assert counts(report) == (0, 0, 1)


def test_a_delivery_day_makes_the_order_delivered(tmp_path):
    header = "order_id,customer_id,ordered_at,sku,quantity,unit_price,delivered_at\n"
    take(tmp_path, "O1,C1,2026-05-01,TEA,1,1,2026-05-04", header=header)

    order = Order.objects.get()
    assert (order.state, order.delivered_on) == ("delivered", date(2026, 5, 4))


def test_an_order_may_be_delivered_on_its_own_day_and_not_before(tmp_path):
    header = "order_id,customer_id,ordered_at,sku,quantity,unit_price,delivered_at\n"
    report = take(
        tmp_path,
        "O1,C1,2026-05-02,TEA,1,1,2026-05-02",
        "O2,C1,2026-05-02,TEA,1,1,2026-05-01",
        header=header,
    )

    assert Order.objects.get().delivered_on == date(2026, 5, 2)
    assert refusals(report) == {"delivered_before_ordered": 1}


def test_a_line_total_may_stand_for_the_price(tmp_path):
    header = "order_id,customer_id,ordered_at,sku,quantity,line_total\n"
    take(tmp_path, "O1,C1,2026-05-01,TEA,3,10", header=header)

    line = OrderLine.objects.get()
    assert (line.unit_price, line.amount) == (Decimal("3.3333"), Decimal("10.00"))


def test_amounts_follow_the_places_of_the_currency(tmp_path):
    header = "order_id,customer_id,ordered_at,sku,quantity,unit_price,currency\n"
    take(tmp_path, "O1,C1,2026-05-01,TEA,1,99.5,jpy", header=header)

    assert (Order.objects.get().currency, Order.objects.get().total) == ("JPY", 100)


def test_the_first_name_in_the_file_names_the_product(tmp_path):
    header = "order_id,customer_id,ordered_at,sku,quantity,unit_price,product\n"
    lines = ["O1,C1,2026-05-01,TEA,1,1,", "O2,C1,2026-05-01,TEA,1,1,Green tea",
             "O3,C1,2026-05-01,TEA,1,1,damaged"]  # fmt: skip
    take(tmp_path, *lines, header=header)
    before = physical_rows()
    take(tmp_path, *lines, header=header)

    assert Product.objects.get().name == "Green tea"
    assert physical_rows() == before


# --- Time ----------------------------------------------------------------------------


def test_naive_times_are_in_the_zone_the_operator_names(tmp_path):
    take(tmp_path, "O1,C1,2026-07-01 01:00,TEA,1,1", time_zone="Asia/Jerusalem")

    order = Order.objects.get()
    assert order.ordered_at == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert order.ordered_on == date(2026, 6, 30)  # the shop keeps UTC


@pytest.mark.parametrize(
    "text",
    ["2026-05-01T09:30:00Z", "2026-05-01 11:30+02:00", "2026-05-01T09:30:00.123+0000"],
)
def test_times_with_a_zone_keep_it(tmp_path, text):
    take(tmp_path, f"O1,C1,{text},TEA,1,1", time_zone="Asia/Tokyo")

    moment = Order.objects.get().ordered_at.replace(microsecond=0)
    assert moment == datetime(2026, 5, 1, 9, 30, tzinfo=UTC)


def test_a_bare_date_is_that_day_in_every_zone(tmp_path):
    take(tmp_path, "O1,C1,2026-05-01,TEA,1,1", time_zone="Asia/Tokyo")

    assert Order.objects.get().ordered_on == date(2026, 5, 1)


# --- Refusals ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (",C1,2026-05-01,TEA,1,1", "order_missing"),
        ("O1,,2026-05-01,TEA,1,1", "customer_missing"),
        ("O1,\u200b ,2026-05-01,TEA,1,1", "customer_missing"),
        ("O1,C1,,TEA,1,1", "date_missing"),
        ("O1,C1,0000-00-00,TEA,1,1", "date_invalid"),
        ("O1,C1,2026-02-31,TEA,1,1", "date_invalid"),
        ("O1,C1,2026-05-01 24:00,TEA,1,1", "date_invalid"),
        ("O1,C1,2026-W18-5,TEA,1,1", "date_invalid"),
        ("O1,C1,01/05/2026,TEA,1,1", "date_ambiguous"),
        ("O1,C1,1899-12-31,TEA,1,1", "date_too_early"),
        ("O1,C1,2300-01-01,TEA,1,1", "date_in_future"),
        ("O1,C1,2026-11-24,TEA,1,1", "date_in_future"),
        ("O1,C1,9999-12-31 23:59-14:00,TEA,1,1", "date_in_future"),
        ("O1,C1,2026-05-01,,1,1", "sku_missing"),
        ("O1,C1,2026-05-01,a\x00b,1,1", "sku_control_characters"),
        ("O1,C1,2026-05-01," + "x" * 121 + ",1,1", "sku_too_long"),
        ("O1,C1,2026-05-01,TEA,,1", "quantity_invalid"),
        ("O1,C1,2026-05-01,TEA,0,1", "quantity_zero"),
        ("O1,C1,2026-05-01,TEA,-0,1", "quantity_zero"),
        ("O1,C1,2026-05-01,TEA,NaN,1", "quantity_invalid"),
        ("O1,C1,2026-05-01,TEA,Infinity,1", "quantity_invalid"),
        ("O1,C1,2026-05-01,TEA,1e400,1", "quantity_invalid"),
        ("O1,C1,2026-05-01,TEA,1_000,1", "quantity_invalid"),
        ("O1,C1,2026-05-01,TEA,\u00bd,1", "quantity_invalid"),
        ("O1,C1,2026-05-01,TEA,=1+1,1", "quantity_invalid"),
        ("O1,C1,2026-05-01,TEA,1.2345,1", "quantity_out_of_range"),
        ("O1,C1,2026-05-01,TEA,123456789,1", "quantity_out_of_range"),
        ("O1,C1,2026-05-01,TEA,1,", "price_missing"),
        ('O1,C1,2026-05-01,TEA,1,"1,299"', "price_ambiguous"),
        ("O1,C1,2026-05-01,TEA,99999999,99999999", "amount_out_of_range"),
        ("O1,C1,2026-05-01,TEA,1", "price_missing"),
        ("O1,C1,2026-05-01,TEA,1,1,1", "columns"),
        ('O1,C1,2026-05-01,"TE"A,1,1', "quoting"),
    ],
)  # fmt: skip
def test_a_bad_line_is_refused_by_name_and_the_others_go_in(tmp_path, line, code):
    report = take(tmp_path, line, "O2,C1,2026-05-01,TEA,1,1")

    assert refusals(report) == {code: 1}
    assert (report.read, report.accepted, report.refused) == (2, 1, 1)
    assert Order.objects.get().external_id == "O2"


def test_an_order_tomorrow_is_a_matter_of_zones_and_accepted(tmp_path):
    report = take(tmp_path, "O1,C1,2026-11-22 20:00,TEA,1,1")

    assert report.accepted == 1


def test_formulas_are_text(tmp_path):
    take(tmp_path, "O1,C1,2026-05-01,=cmd|' /C calc'!A0,1,1")

    assert Product.objects.get().sku == "=cmd|' /C calc'!A0"


def test_backslashes_survive_the_copy(tmp_path):
    take(tmp_path, r"O\1,C\N,2026-05-01,\.,1,1")

    assert Order.objects.get().external_id == r"O\1"
    assert Customer.objects.get().external_id == r"C\N"
    assert Product.objects.get().sku == r"\."


def test_decimal_commas_are_read_on_request(tmp_path):
    take(tmp_path, 'O1,C1,2026-05-01,TEA,1,"1,5"', numbers="comma")

    assert OrderLine.objects.get().unit_price == Decimal("1.5")


def test_a_line_of_another_customer_in_the_same_order_is_refused(tmp_path):
    report = take(tmp_path, "O1,C1,2026-05-01,TEA,1,1", "O1,C2,2026-05-01,TEA,1,1")

    assert refusals(report) == {"order_two_customers": 1, "order_incomplete": 1}
    assert not Order.objects.exists()


# --- Customers -----------------------------------------------------------------------


def test_a_line_of_an_unknown_customer_is_refused(tmp_path):
    report = take(tmp_path, "O1,C1,2026-05-01,TEA,1,1", create_customers=False)

    assert refusals(report) == {"customer_unknown": 1}
    assert not Order.objects.exists()


def test_unknown_customers_are_made_bare_on_request(tmp_path):
    header = "order_id,customer_id,ordered_at,sku,quantity,unit_price,country\n"
    report = take(tmp_path, "O1,C1,2026-05-01,TEA,1,1,United Kingdom",
                  "O2,C2,2026-05-01,TEA,1,1,Atlantis", header=header)  # fmt: skip

    first, second = Customer.objects.order_by("external_id")
    assert (first.country, second.country) == ("GB", "")
    assert first.search_text == "c1"
    assert report.notes == {"country_unknown": 1}


def test_no_customer_is_made_for_an_order_of_refused_lines(tmp_path):
    take(tmp_path, "O1,C1,2026-05-01,TEA,0,1")

    assert not Customer.objects.exists()


def test_orders_of_a_merged_customer_go_to_the_kept_one(tmp_path):
    kept = CustomerFactory(external_id="K")
    CustomerFactory(external_id="C1", merged_into=kept)

    report = take(tmp_path, "O1,C1,2026-05-01,TEA,1,1")

    assert Order.objects.get().customer == kept
    assert OrderLine.objects.get().customer == kept
    assert counts(take(tmp_path, "O1,C1,2026-05-01,TEA,1,1")) == (0, 0, 1)
    assert report.accepted == 1


@pytest.mark.django_db(transaction=True)
def test_an_erased_customer_is_not_revived(tmp_path):
    personal_data.erase(CustomerFactory(external_id="C1"), now=NOW)

    report = take(tmp_path, "O1,C1,2026-05-01,TEA,1,1")

    assert refusals(report) == {"customer_erased": 1}
    assert not Order.objects.exists()


def test_customer_since_is_the_first_order_day_unless_given(tmp_path):
    CustomerFactory(external_id="C1", since_on=None, since_from="entered")
    CustomerFactory(external_id="C2", since_on=date(2020, 1, 2), since_from="given")

    take(
        tmp_path,
        "O1,C1,2026-05-02,T,1,1",
        "O2,C1,2026-05-01,T,1,1",
        "O3,C2,2026-05-01,T,1,1",
    )

    first, second = Customer.objects.order_by("external_id")
    assert (first.since_on, first.since_from) == (date(2026, 5, 1), "first_order")
    assert (second.since_on, second.since_from) == (date(2020, 1, 2), "given")
    assert (first.first_order_on, first.last_order_on) == (
        date(2026, 5, 1),
        date(2026, 5, 2),
    )


def test_an_order_that_moves_takes_its_days_along(tmp_path):
    take(tmp_path, "O1,C1,2026-05-01,T,1,1", "O2,C1,2026-06-01,T,1,1")

    take(tmp_path, "O1,C2,2026-07-01,T,1,1")

    first, second = Customer.objects.order_by("external_id")
    assert (first.first_order_on, first.since_on) == (date(2026, 6, 1),) * 2
    assert second.first_order_on == date(2026, 7, 1)


# --- The run -------------------------------------------------------------------------


def test_sources_do_not_meet(tmp_path):
    take(tmp_path, "O1,C1,2026-05-01,TEA,1,1")
    take(tmp_path, "O1,C1,2026-05-01,TEA,2,1", source="web")

    assert Order.objects.count() == Customer.objects.count() == 2


def test_a_dry_run_counts_and_writes_nothing(tmp_path):
    take(tmp_path, "O1,C1,2026-05-01,TEA,1,1", "O2,C1,2026-05-01,TEA,1,1")
    before = physical_rows()

    report = take(tmp_path, "O1,C1,2026-05-01,TEA,1,1", "O2,C1,2026-05-01,TEA,9,1",
                  "O3,C3,2026-05-01,NEW,1,1", dry_run=True)  # fmt: skip

    assert counts(report) == (1, 1, 1)
    assert physical_rows() == before
    assert ImportRun.objects.count() == 1


def test_the_run_is_recorded_with_its_counts_and_the_checksum(tmp_path):
    take(tmp_path, "O1,C1,2026-05-01,TEA,1,1", "O2,C1,2026-05-01,TEA,0,1")

    run = ImportRun.objects.get()
    assert run.state == ImportState.DONE.value
    assert (run.kind, run.source, run.file_name) == ("orders", "main", "file.csv")
    assert (run.read, run.accepted, run.created) == (2, 1, 1)
    assert run.refused_by_reason == {"quantity_zero": 1}
    assert len(run.file_sha256) == 64


def test_news_is_told_once_for_each_slice(tmp_path, monkeypatch):
    monkeypatch.setattr(orders, "SLICE_LINES", 2)
    heard = []

    def hear_orders(sender, ids, customer_ids, **_):
        heard.append(("orders", len(ids), len(customer_ids)))

    def hear_customers(sender, ids, fields, **_):
        heard.append(("customers", len(ids), sorted(fields)))

    orders_changed.connect(hear_orders)
    customers_changed.connect(hear_customers)
    try:
        take(tmp_path, *(f"O{n},C{n % 2},2026-05-01,TEA,1,1" for n in range(4)))
        take(tmp_path, *(f"O{n},C{n % 2},2026-05-01,TEA,1,1" for n in range(4)))
    finally:
        orders_changed.disconnect(hear_orders)
        customers_changed.disconnect(hear_customers)

    # The second slice brings no new customer and no earlier day, the second run
    # nothing at all.
    assert heard == [("customers", 2, ["*"]), ("orders", 2, 2), ("orders", 2, 2)]
