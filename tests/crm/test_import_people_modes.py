"""Small random files against random records: every mode against plain Python."""

import csv
import io

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from crm.models import Customer, Tag
from crm.rules.import_modes import Write
from tests.crm.importing import counts, file_of, physical_rows, take_customers
from tests.factories import CustomerFactory
from tests.faults.mails import LONG

COLUMNS = ("external_id", "email", "given_name", "family_name", "company", "tags")
FACTS = ("email", "given_name", "family_name", "company", "tags")
ADDRESSES = ("a@x.org", "b@x.org", "c@x.org")

a_record = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["main", "crm"]),
        "email": st.sampled_from(["", *ADDRESSES]),
        "given_name": st.sampled_from(["", "Ana", "Ben"]),
        "family_name": st.sampled_from(["", "Berg"]),
        "company": st.sampled_from(["", "Tea"]),
        "tags": st.frozensets(st.sampled_from(["vip", "old"])),
        # Into which other it was merged.
        "into": st.sampled_from([None, None, None, "A", "B"]),
    }
)
records = st.dictionaries(st.sampled_from("ABCD"), a_record, max_size=4)
a_row = st.fixed_dictionaries(
    {
        "email": st.sampled_from(["", *ADDRESSES]),
        "given_name": st.sampled_from(["", "Cy", "Di"]),
        "family_name": st.sampled_from(["", "Ng"]),
        "company": st.sampled_from(["", "Cup"]),
        "tags": st.sampled_from(["", "vip", "new"]),
    }
)
# The id counts where the file has ids; without them the address does.
rows = st.lists(
    st.tuples(st.sampled_from("ABCDEF"), a_row),
    max_size=6,
    unique_by=lambda row: row[0],
)
modes = st.fixed_dictionaries(
    {
        "identity": st.sampled_from(["column", "address"]),
        "match": st.sampled_from(["id", "id_or_address"]),
        "write": st.sampled_from([*Write]),
        "erase_empty": st.booleans(),
    }
).filter(lambda m: not m["erase_empty"] or m["write"] in ("create_update", "update"))


class Shop:
    """The records, as plain dictionaries: id of the row -> record."""

    def __init__(self, given):
        self.people = {}
        self.leads_to = {}
        for key, facts in given.items():
            name = (facts["source"], key)
            into = facts["into"]
            if into in given and into != key and given[into]["into"] is None:
                self.leads_to[name] = (given[into]["source"], into)
            else:
                self.people[name] = {fact: facts[fact] for fact in FACTS}

    def store(self):
        stored = {}
        for name, facts in self.people.items():
            record = CustomerFactory(
                source=name[0], external_id=name[1], email=facts["email"],
                email_norm=facts["email"], given_name=facts["given_name"],
                family_name=facts["family_name"], organisation=facts["company"],
            )  # fmt: skip
            record.tags.set([tag_of(tag) for tag in facts["tags"]])
            stored[name] = record
        for name, other in self.leads_to.items():
            CustomerFactory(source=name[0], external_id=name[1], email="",
                            email_norm="", merged_into=stored[other])  # fmt: skip


def tag_of(name):
    return Tag.objects.get_or_create(name=name)[0]


def expected(shop, lines, chosen):
    """Change the shop as the documentation says; returns (created, refused)."""
    refused, meant = {}, {}
    by_address = chosen["match"] == "id_or_address"
    has_ids = chosen["identity"] == "column"
    seen = set()
    for no, (key, row) in enumerate(lines):
        name = ("main", key if has_ids else row["email"])
        if not name[1]:
            refused[no] = "email_missing"
        elif name in seen and (has_ids or not by_address):
            refused[no] = "twice_in_file"
        else:
            seen.add(name)
            target = shop.leads_to.get(name, name)
            meant[no] = (name, target if target in shop.people else None)
    if by_address:
        find_by_address(shop, lines, meant, refused, has_ids=has_ids)
    groups = {}
    for no, (name, target) in meant.items():
        if no in refused:
            continue
        if chosen["write"] == "update" and (target or name) not in shop.people:
            refused[no] = "record_unknown"
        else:
            groups.setdefault(target or name, []).append((name, lines[no][1]))
    is_new = {target: target not in shop.people for target in groups}
    for target, members in groups.items():
        apply(shop, target, members, chosen)
    return sum(is_new.values()), refused


def find_by_address(shop, lines, meant, refused, *, has_ids):
    holders, made = {}, {}
    for name, facts in shop.people.items():
        holders.setdefault(facts["email"], set()).add(name)
    for no, (_, target) in meant.items():
        if target:
            holders.setdefault(lines[no][1]["email"], set()).add(target)
    for no, (name, target) in meant.items():
        address = lines[no][1]["email"]
        found = holders.get(address, set())
        if target or not address:
            continue
        if len(found) == 1:
            meant[no] = (name, next(iter(found)))
        elif found and not has_ids:
            refused[no] = "address_ambiguous"
        else:
            # One address of the file is one person, who gets the first id.
            meant[no] = (name, made.setdefault(address, name))


def apply(shop, target, members, chosen):
    """The rows of one person, in the order of the file."""
    is_new = target not in shop.people
    facts = shop.people.setdefault(target, {**dict.fromkeys(FACTS, ""), "tags": ()})
    address = address_afterwards(shop, target, members)
    own = [
        row
        for name, row in members
        if is_new or (chosen["write"] != "fill" and is_own(shop, name, row, address))
    ]
    for name, _ in members:
        if name not in shop.people:
            shop.leads_to.setdefault(name, target)
    if chosen["write"] == "create" and not is_new:
        return
    others = [row for row in rows_of(members) if not any(row is one for one in own)]
    erases = chosen["erase_empty"] and own and not is_new
    for fact, cell in said(own).items():
        facts[fact] = cell or ("" if erases else facts[fact])
    is_nameless = not (facts["given_name"] or facts["family_name"])
    for fact, cell in said(others).items():
        if is_nameless if "name" in fact else not facts[fact]:
            facts[fact] = cell
    named = {row["tags"] for row in rows_of(members)} - {""}
    if erases and not named:
        facts["tags"] = ()
    facts["tags"] = frozenset(facts["tags"]) | named


def said(rows):
    """Of the cells that say something, the last of each column."""
    return {
        fact: last([row[fact] for row in rows])
        for fact in ("email", "given_name", "family_name", "company")
    }


def address_afterwards(shop, target, members):
    """The address that the rows of a person leave it with."""
    has = shop.people[target]["email"]
    told = [row["email"] for name, row in members if is_own(shop, name, row, has)]
    filled = [row["email"] for row in rows_of(members)]
    return (last(told) or has) or last(filled)


def last(cells):
    return next((cell for cell in reversed(cells) if cell), "")


def is_own(shop, name, row, address):
    """Whether the row is as good as the own one of a record that has the address."""
    was_merged = name in shop.leads_to
    return not was_merged or (
        shop.by_address and row["email"] != "" and row["email"] == address
    )


def rows_of(members):
    return [row for _, row in members]


def stored():
    people = {
        (one.source, one.external_id): {
            "email": one.email,
            "given_name": one.given_name,
            "family_name": one.family_name,
            "company": one.organisation,
            "tags": frozenset(one.tags.values_list("name", flat=True)),
        }
        for one in Customer.objects.live()
    }
    pointers = {
        (one.source, one.external_id): (
            one.merged_into.source, one.merged_into.external_id
        )
        for one in Customer.objects.filter(merged_into__isnull=False)
    }  # fmt: skip
    return people, pointers


def written(lines):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for key, row in lines:
        writer.writerow([key, *(row[column] for column in COLUMNS[1:])])
    return text.getvalue()


def check(tmp_path, given_records, lines, chosen):
    """In a transaction that is undone."""
    shop = Shop(given_records)
    shop.by_address = chosen["match"] == "id_or_address"
    shop.store()
    path = file_of(tmp_path, written(lines))
    before = stored()
    tried = take_customers(path, dry_run=True, **chosen)
    assert stored() == before

    report = take_customers(path, **chosen)

    created, refused = expected(shop, lines, chosen)
    assert stored() == (shop.people, shop.leads_to)
    assert report.created == created
    assert sorted(report.refused_by_reason.elements()) == sorted(refused.values())
    assert counts(tried) == counts(report)
    assert tried.refused_by_reason == report.refused_by_reason
    settled = physical_rows()
    again = take_customers(path, **chosen)
    if shop.by_address and addresses(before) != addresses(stored()):
        # An address that one record gave up may name another one alone from now on.
        return
    assert counts(again) == (0, 0, again.accepted)
    assert physical_rows() == settled


def addresses(found):
    return {key: row["email"] for key, row in found[0].items()}


def undone(*arguments):
    with transaction.atomic():
        check(*arguments)
        transaction.set_rollback(True)


A_RECORD = {**dict.fromkeys(FACTS, ""), "tags": frozenset(), "source": "main"}
NO_CELLS = dict.fromkeys(FACTS, "")
# The row of a merged record gives the kept one its address, in a file that has a row of
# its own for that: the same file then has to change nothing the second time.
ADDRESS_BY_A_MERGED_ROW = (
    {
        "A": {**A_RECORD, "given_name": "Ben", "into": None},
        "B": {**A_RECORD, "into": "A"},
    },
    [
        ("A", {**NO_CELLS, "given_name": "Cy"}),
        ("B", {**NO_CELLS, "email": "a@x.org", "given_name": "Di", "company": "Cup"}),
    ],
    {
        "identity": "column",
        "match": "id_or_address",
        "write": Write.CREATE_UPDATE,
        "erase_empty": False,
    },
)

# To shrink a failure takes minutes, because each try is three imports.
WITH = {
    "deadline": None,
    "suppress_health_check": [*HealthCheck],
    "phases": [phase for phase in Phase if phase is not Phase.shrink],
}


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=150 if LONG else 60, **WITH)
@given(records, rows, modes)
@example(*ADDRESS_BY_A_MERGED_ROW)
def test_every_mode_does_as_plain_python(tmp_path, given_records, lines, chosen):
    undone(tmp_path, given_records, lines, chosen)
