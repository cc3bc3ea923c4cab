"""Codes that are no goods: proposed by the import, decided by people, by source."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from crm.models import AuditEntry, OrderLine, Product, ProductRule
from crm.rules.product_codes import suggestion
from tests.crm.importing import file_of

pytestmark = pytest.mark.django_db

HEADER = "order_id,customer_id,ordered_at,sku,product,quantity,unit_price\n"
FILE = HEADER + "".join(
    f"O{n},C1,2026-05-01,{rest}\n"
    for n, rest in enumerate(
        [
            "M,Manual,-1,4", "M,Manual,-1,4", "M,Manual,1,9", "M,Manual,-1,4",
            "POST,POSTAGE,1,18", "POST,POSTAGE,1,18",
            "L,Mug large,1,8", "S,Mug small,1,8", "B,Blue mug,2,8",
            "gift_0001_20,Dotcomgiftshop Gift Voucher £20,1,20",
            "gift_0001_30,Dotcomgiftshop Gift Voucher £30,1,30",
            "TEA,Manual tea grinder,1,5", "R-10,10 % discount,-1,5",
        ]
    )
)  # fmt: skip


def run(tmp_path, *arguments, **options):
    out, err = io.StringIO(), io.StringIO()
    call_command(
        "import_orders", str(file_of(tmp_path, FILE)), "--create-customers", "--json",
        *arguments, stdout=out, stderr=err, **options,
    )  # fmt: skip
    return json.loads(out.getvalue()), err.getvalue()


def nature_of(sku):
    return Product.objects.get(sku=sku).nature


def test_a_code_is_goods_until_a_person_decides_otherwise(tmp_path):
    run(tmp_path)

    assert not ProductRule.objects.exists()
    assert {*Product.objects.values_list("nature", flat=True)} == {"product"}
    assert OrderLine.objects.filter(product__sku="S", nature="purchase").exists()


@pytest.mark.parametrize("arguments", [(), ("--dry-run",)])
def test_the_import_proposes_with_examples_and_counts(tmp_path, arguments):
    report, text = run(tmp_path, *arguments)

    assert report["proposals"] == [
        {"pattern": "M", "nature": "adjustment", "lines": 4, "negative": 3,
         "example": "Manual"},
        {"pattern": "POST", "nature": "postage", "lines": 2, "negative": 0,
         "example": "POSTAGE"},
        {"pattern": "gift_*", "nature": "adjustment", "lines": 2, "negative": 0,
         "example": "Dotcomgiftshop Gift Voucher £20"},
        {"pattern": "R-10", "nature": "adjustment", "lines": 1, "negative": 1,
         "example": "10 % discount"},
    ]  # fmt: skip
    assert (
        "M: 4 lines, 3 below zero, such as 'Manual'; adjustment? --adjustments M\n"
        in text
    )


def test_a_yes_is_kept_for_the_source_and_no_other(tmp_path):
    run(tmp_path)
    report, _ = run(tmp_path, "--adjustments", "M,gift_*", "--postage", "POST",
                    "--goods", "R-10")  # fmt: skip

    assert (nature_of("M"), nature_of("POST")) == ("adjustment", "postage")
    assert nature_of("gift_0001_30") == "adjustment"
    assert (nature_of("S"), nature_of("R-10")) == ("product", "product")
    assert report["proposals"] == []
    assert not OrderLine.objects.filter(product__sku="M").exclude(nature="writeoff")
    assert AuditEntry.objects.filter(action="product_rule.set").count() == 4

    report, _ = run(tmp_path)
    assert (report["unchanged"], report["proposals"]) == (13, [])

    report, _ = run(tmp_path, "--source", "other")
    assert len(report["proposals"]) == 4
    assert Product.objects.get(source="other", sku="M").nature == "product"


def test_a_dry_run_keeps_no_answer(tmp_path):
    report, _ = run(tmp_path, "--dry-run", "--adjustments", "M")

    assert "M" not in {one["pattern"] for one in report["proposals"]}
    assert not ProductRule.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--postage", "A,B", "--fees", "b"), "named twice"),
        (("--postage", "A,"), "empty or too long"),
        (("--postage", "*"), "empty or too long"),
    ],
)
def test_an_answer_that_is_none_is_refused(tmp_path, arguments, words):
    with pytest.raises(CommandError, match=words):
        run(tmp_path, *arguments)

    assert not ProductRule.objects.exists()


@pytest.mark.parametrize(
    ("code", "name", "found"),
    [
        ("SKU-1", "Shipping", ("SKU-1", "postage")),
        ("V-1", "Versandkosten", ("V-1", "postage")),
        ("77", "משלוח", ("77", "postage")),
        ("77", "运费", ("77", "postage")),
        ("77", "Payment fee", ("77", "fee")),
        ("77", "Gutschein", ("77", "adjustment")),
        ("DCGS0003", "BOXED GLASS ASHTRAY", ("DCGS*", "adjustment")),
        ("77", "Manual coffee grinder", None),
        ("77", "Sample pack of teas", None),
        ("77", "Envelope, green", None),
        ("77", "Next day carriage", ("77", "postage")),
        ("77", "French carriage lantern", None),
        ("POSTER", "Poster", None),
    ],
)
def test_names_and_codes_that_are_proposed(code, name, found):
    given = suggestion(code, name)

    assert (given and (given.pattern, given.nature.value)) == found


def test_the_database_refuses_a_rule_for_every_source():
    with pytest.raises(IntegrityError), transaction.atomic():
        ProductRule.objects.create(source="", pattern="M", nature="adjustment")
