"""Every table can be taken along, and each list as it is filtered."""

import pytest

from crm import datasets
from crm.models import (
    CustomerMerge,
    FollowUp,
    Job,
    Product,
    Segment,
    SegmentEvent,
    SegmentSnapshot,
    SnapshotMember,
)
from crm.services.imports.runner import import_products
from crm.services.imports.running import Options
from support.models import Draft, Notice, SavedReply
from tests.crm.exporting import ask, content, exported, lines_of
from tests.crm.importing import counts
from tests.crm.personal_shop import customer_with_everything
from tests.crm.test_job_pages import browser, file_of
from tests.factories import (
    NOW,
    CustomerFactory,
    InvitationFactory,
    ProductFactory,
    UserFactory,
)
from tests.loyalty import programme_shop
from tests.pages import read
from tests.support.conftest import conversation

pytestmark = pytest.mark.django_db

NEW = {
    *("products", "contracts", "returns", "returns-decided", "gifts", "programmes"),
    *("members", "entries", "conversations", "mails", "notes"),
}
ALL = {
    "match": "all",
    "parts": [{"field": "country", "is": "any_of", "values": ["IL"]}],
}
# Lists whose people and rows other apps' pages show.
OF_PAGES = {
    *("segments", "likely-pairs", "imports", "custom-fields", "team", "saved-replies"),
    *("inbox-rules", "mailboxes", "name-days", "goes-with", "rewards", "automations"),
    *("spend", "surveys", "themes", "asked", "survey-requests", "survey-links"),
    *("merged-pairs", "segment-moves", "snapshots", "snapshot-people"),
    "barred-addresses",
}


def test_each_table_has_lines_with_the_names_of_its_columns_alone():
    """A cell whose name is none of a column would be lost without a word."""
    customer_with_everything()

    lines = {
        each.name: [dict(line) for line in each.cells(list(each.rows({})))]
        for each in datasets.all_datasets()
    }

    for each in datasets.all_datasets():
        columns = {*each.columns, *each.more_columns(each.rows({}))}
        assert {name for line in lines[each.name] for name in line} <= columns
    assert {name for name in NEW if lines[name]} == NEW
    assert lines["mails"][0]["text"] == "Zanzibar text"
    assert lines["notes"][0]["text"] == "Zanzibar note"


@pytest.fixture
def desk():
    return browser()


def owed(customer, why, assignee, **more):
    FollowUp.objects.create(
        customer=customer,
        why=why,
        assignee=assignee,
        due_on=NOW.date(),
        created_at=NOW,
        **more,
    )


def test_follow_ups_are_exported_as_their_tab_shows_them(desk):
    dana = CustomerFactory()
    for why, who in (
        ("mine", desk.user),
        ("nobody's", None),
        ("theirs", UserFactory()),
    ):
        owed(dana, why, who)
    owed(dana, "over", desk.user, state="done", done_at=NOW)

    mine = file_of(desk, "/follow-ups/")
    team = file_of(desk, "/follow-ups/?tab=team")

    assert [line["why"] for line in mine] == ["mine", "nobody's"]
    assert [line["why"] for line in team] == ["mine", "nobody's", "theirs"]


def test_whom_a_survey_asked_is_exported_as_its_list_shows_them(desk):
    known = InvitationFactory(customer__country="IL", customer__external_id="I-1")
    InvitationFactory(customer__country="", customer__external_id="N-1")
    page = f"/surveys/{known.survey.pk}/asked/"

    everybody = file_of(desk, page)
    of_one = file_of(desk, f"{page}?by=country&value=IL")
    of_none = file_of(desk, f"{page}?by=country&value=")

    assert datasets.get("asked").rows({"survey": "999999"}).count() == 0
    assert [line["customer_id"] for line in everybody] == ["I-1", "N-1"]
    assert [line["customer_id"] for line in of_one] == ["I-1"]
    assert [line["customer_id"] for line in of_none] == ["N-1"]


def test_members_are_exported_as_their_list_shows_them(desk):
    programme_shop.open_shop()
    points, stamps = programme_shop.programme(), programme_shop.card()
    dana = CustomerFactory(given_name="Zora", external_id="Z-1")
    programme_shop.earn(dana, points, 40, NOW, expires=NOW.date())
    programme_shop.earn(CustomerFactory(given_name="Bela"), points, 7, NOW)
    programme_shop.earn(dana, stamps, 1, NOW)

    [line] = file_of(desk, f"/members/?programme={points.pk}&find=Zora")
    both = file_of(desk, f"/members/?programme={points.pk}")
    [entry] = file_of(desk, f"/members/{programme_shop.member(dana, stamps).pk}/")

    assert (line["customer_id"], line["balance"]) == ("Z-1", "40.0000")
    assert (line["programme"], line["unit"]) == ("points points", "points")
    assert [line["balance"] for line in both] == ["40.0000", "7.0000"]
    assert (entry["kind"], entry["amount"]) == ("earned", "1.0000")


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("/returns/", "returns"),
        ("/returns/?tab=decided", "returns-decided"),
        ("/programmes/", "programmes&amp;show=used"),
        ("/programmes/?show=archived", "programmes&amp;show=archived"),
        ("/gifts/", "gifts&amp;tab=week&amp;whose=me"),
        ("/raw-mails/", "unreadable-mails"),
        ("/segments/", "segments"),
        ("/duplicates/", "likely-pairs"),
        ("/imports/", "imports"),
        ("/jobs/", "jobs&amp;whose=me"),
        ("/drafts/", "drafts&amp;whose=me"),
        ("/settings/notices/", "notices&amp;whose=me"),
        ("/settings/fields/", "custom-fields"),
        ("/settings/team/", "team"),
        ("/settings/replies/", "saved-replies&amp;whose=me"),
        ("/settings/rules/", "inbox-rules"),
        ("/mailboxes/", "mailboxes"),
        ("/settings/name-days/", "name-days"),
        ("/settings/goes-with/", "goes-with"),
        ("/rewards/?show=archived", "rewards&amp;show=archived"),
        ("/automations/", "automations"),
        ("/insights/where-from/spend/", "spend"),
        ("/surveys/", "surveys"),
        ("/surveys/themes/", "themes"),
        ("/reorders/people/?did=anything", "reorder-people&amp;did=anything"),
    ],
)
def test_further_lists_lead_to_their_export(desk, page, name):
    html = read(desk.get(page))

    assert f'"/exports/new/?of={name}"' in html
    # To some of them agents have no way either.
    assert "/exports/new/" not in browser("agent").get(page).content.decode()


def test_no_list_of_records_is_without_its_export():
    """Of all that has a dataset, none is left out of what people may take along."""
    owner = UserFactory(role="owner")

    offered = {each.name for each in datasets.all_for(owner)}

    assert offered >= OF_PAGES | NEW
    assert not offered & {"reorder-people", "forecast-people"}
    # What is somebody's own is offered on their own list.
    assert not offered & {"jobs", "drafts", "notices"}


def test_saved_replies_of_others_stay_theirs(desk):
    other = UserFactory()
    for name, owner in (("all", None), ("mine", desk.user), ("theirs", other)):
        SavedReply.objects.create(name=name, text="Hello", owner=owner)

    asked = exported("saved-replies", whose=str(other.pk))
    mine = file_of(desk, "/settings/replies/")

    assert {line["reply"] for line in lines_of(content(asked))} <= {"all", "mine"}
    assert {line["reply"] for line in mine} == {"all", "mine"}
    assert "password" not in datasets.get("mailboxes").columns


def test_drafts_and_notices_are_for_whoever_wrote_and_was_told(desk):
    """Also where an address asks for those of somebody else."""
    other = UserFactory()
    told = conversation(subject="Kettle")
    for user, subject in ((desk.user, "mine"), (other, "theirs")):
        Draft.objects.create(author=user, subject=subject, begun_at=NOW, changed_at=NOW)
        Notice.objects.create(
            user=user, conversation=told, event="assigned", way="browser", at=NOW
        )

    drafts = file_of(desk, "/drafts/", whose=str(other.pk))
    notices = file_of(desk, "/settings/notices/")

    assert [line["subject"] for line in drafts] == ["mine"]
    assert [line["subject"] for line in notices] == ["Kettle"]
    assert not lines_of(content(exported("drafts")))


def test_jobs_are_those_that_one_may_see(desk):
    ask("orders")
    shown = set(file_of(desk, "/jobs/")[0])
    agent, analyst = UserFactory(role="agent"), UserFactory(role="analyst")

    assert shown >= {"job", "state", "created_at"}
    seen = {
        user.role: datasets.get("jobs").rows({"whose": str(user.pk)}).count()
        for user in (desk.user, agent, analyst)
    }
    assert seen["owner"] == 2
    assert seen["agent"] == 0
    assert not datasets.get("jobs").rows({})


def test_a_segment_is_exported_as_it_was_and_who_came_and_left(desk):
    people = [CustomerFactory(country="IL", external_id=f"I-{n}") for n in (1, 2)]
    row, other = (
        Segment.objects.create(
            name=name,
            conditions=ALL,
            is_followed=True,
            created_at=NOW,
            updated_at=NOW,
        )
        for name in ("Those", "Others")
    )
    for segment, members in ((row, people), (other, people[:1])):
        taken = SegmentSnapshot.objects.create(
            segment=segment, day=NOW.date(), people=len(members), taken_at=NOW
        )
        for customer in members:
            SnapshotMember.objects.create(snapshot=taken, customer=customer)
        SegmentEvent.objects.create(
            segment=segment, customer=members[-1], move="left", at=NOW
        )
    page = f"/segments/{row.pk}/history/"
    kept = SegmentSnapshot.objects.get(segment=row)

    moves = file_of(desk, page)
    compared = desk.get(f"{page}?compare={kept.pk}").content.decode()

    assert [(line["customer_id"], line["move"]) for line in moves] == [("I-2", "left")]
    assert f"of=snapshot-people&amp;snapshot={kept.pk}" in compared
    assert f"of=snapshots&amp;segment={row.pk}" in compared
    members = lines_of(content(exported("snapshot-people", snapshot=str(kept.pk))))
    assert [line["customer_id"] for line in members] == ["I-1", "I-2"]
    [line] = lines_of(content(exported("snapshots", segment=str(row.pk))))
    assert (line["segment"], line["people"]) == ("Those", "2")


def test_merged_pairs_are_exported_as_the_page_of_their_job_shows_them(desk):
    job = Job.objects.create(
        kind="merge_exact", state="done", created_at=NOW, finished_at=NOW
    )
    for name, of in (("one", job), ("two", None)):
        kept = CustomerFactory(external_id=f"{name}-kept")
        dropped = CustomerFactory(external_id=f"{name}-dropped", merged_into=kept)
        CustomerMerge.objects.create(kept=kept, dropped=dropped, merged_at=NOW, job=of)

    found = file_of(desk, f"/duplicates/exact/{job.pk}/")
    everything = lines_of(content(exported("merged-pairs")))

    assert [(line["customer_id"], line["merged_id"]) for line in found] == [
        ("one-kept", "one-dropped")
    ]
    assert len(everything) == 2


def test_products_come_back_unchanged(tmp_path):
    ProductFactory(
        sku="=B1", name="Beans", category="Coffee", price="14.5", currency="EUR",
        link="https://shop.example/b1", season_months=[1, 2, 11], days_of_supply=30,
    )  # fmt: skip
    ProductFactory(sku="B2", name="A cup", is_available=False, tax_percent="17")
    ProductFactory(sku="B3", name="A card", nature="gift_card", tax_percent="0")
    before = list(Product.objects.order_by("pk").values())
    path = tmp_path / "products.csv"
    path.write_bytes(content(exported("products")))

    report = import_products(
        path, Options(), now=NOW, progress=lambda done, total: None
    )

    assert counts(report) == (0, 0, 3)
    assert list(Product.objects.order_by("pk").values()) == before
