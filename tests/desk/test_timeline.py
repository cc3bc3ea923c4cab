"""One customer's timeline: every source once, in order, however deep."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Interaction, Segment, SegmentEvent
from crm.page_parts import TimelineSource, parts_of
from crm.services import follow_ups, subscriptions
from desk.selectors.timeline import read_place
from desk.sql import timeline as sql
from support.models import Conversation, Mail
from tests.desk.conftest import NOW, make_customer, sign_up
from tests.factories import (
    InvitationFactory,
    MessageFactory,
    OrderFactory,
    OrderLineFactory,
    ResponseFactory,
    ReviewFactory,
    ReviewRequestFactory,
)
from tests.loyalty.reward_shop import give
from tests.loyalty.reward_shop import make as a_reward
from tests.pages import read


def say(customer, *, at=NOW, body="Hello", channel="call"):
    return Interaction.objects.create(
        customer=customer,
        channel=channel,
        direction="inbound",
        happened_at=at,
        body=body,
        created_at=at,
    )


def keys(answer):
    return [entry.key for entry in answer.context["timeline"].entries]


def walk(desk, customer, query=""):
    seen, url = [], query
    while True:
        answer = desk.get(f"/customers/{customer.pk}/{url}")
        seen.append(keys(answer))
        assert len(seen) < 50, "the pages go round and round"
        url = answer.context["timeline"].older
        if not url:
            return seen


def a_mail(customer, at):
    conversation = Conversation.objects.create(
        customer=customer, opened_at=at, last_mail_at=at
    )
    return Mail.objects.create(
        conversation=conversation, customer=customer, direction="in", at=at,
        stored_at=at, text="Hello", fingerprint="0" * 64,
    )  # fmt: skip


def a_contract(customer, at):
    contract, _ = subscriptions.start(
        customer=customer, plan="Pro", value=Decimal(9), started_on=at.date(), now=at
    )
    return contract.changes.get()


@pytest.fixture
def every_source(dana):
    """One row of each source, an hour apart, the newest last."""

    def at(hours):
        return NOW - timedelta(hours=hours)

    order = OrderFactory(customer=dana, ordered_at=at(6))
    OrderLineFactory(order=order)
    review = ReviewFactory(
        request=ReviewRequestFactory(order=order), written_at=at(2), body="<b>Fine</b>"
    )
    response = ResponseFactory(
        invitation=InvitationFactory(customer=dana, message=None), first_at=at(3)
    )
    group = Segment.objects.get(shipped="new")
    return {
        "move": SegmentEvent.objects.create(
            segment=group, customer=dana, move="entered", at=at(7)
        ),
        "order": order,
        "message": MessageFactory(customer=dana, state="sent", final_at=at(5)),
        "interaction": say(dana, at=at(4)),
        "response": response,
        "review": review,
        "follow_up": follow_ups.open_follow_up(
            customer_id=dana.pk, why="Call", due_on=NOW.date(), now=at(1)
        ),
        "mail": a_mail(dana, at=at(0.5)),
        "contract": a_contract(dana, at(8)),
        "grant": give(a_reward(kind="letter", fulfilment="desk"), dana, now=at(9))[0],
    }


def test_every_source_stands_in_order(desk, dana, every_source):
    rows = every_source

    assert keys(desk.get(f"/customers/{dana.pk}/")) == [
        f"mail-{rows['mail'].pk}",
        f"follow-up-{rows['follow_up'].pk}",
        f"review-{rows['review'].pk}",
        f"response-{rows['response'].pk}",
        f"interaction-{rows['interaction'].pk}",
        f"message-{rows['message'].pk}",
        f"order-{rows['order'].pk}",
        f"segment-{rows['move'].pk}",
        f"contract-{rows['contract'].pk}",
        f"grant-{rows['grant'].pk}",
    ]


@pytest.mark.parametrize(
    ("show", "kinds"),
    [
        ("conversations", {"interaction", "follow", "mail"}),
        ("orders", {"order", "contract"}),
        ("messages", {"message"}),
        ("rewards", {"grant"}),
        ("answers", {"response", "review"}),
        (
            "nonsense",
            {
                "interaction",
                "follow",
                "order",
                "message",
                "response",
                "review",
                "segment",
                "mail",
                "contract",
                "grant",
            },
        ),
    ],
)
def test_a_pill_shows_its_sources_only(desk, dana, every_source, show, kinds):
    found = keys(desk.get(f"/customers/{dana.pk}/?show={show}"))

    assert {key.split("-")[0] for key in found} == kinds


def test_the_pages_hold_every_entry_once_even_at_the_same_moment(desk, dana):
    logged = [
        say(dana, at=NOW - timedelta(minutes=number // 30)) for number in range(90)
    ]
    bought = [
        OrderFactory(customer=dana, ordered_at=NOW - timedelta(minutes=number // 20))
        for number in range(60)
    ]

    pages = walk(desk, dana)

    seen = [key for page in pages for key in page]
    assert [len(page) for page in pages] == [50, 50, 50]
    assert sorted(seen) == sorted(
        [f"interaction-{row.pk}" for row in logged]
        + [f"order-{row.pk}" for row in bought]
    )


def test_a_page_may_end_inside_a_moment_and_inside_a_source(desk, dana):
    """All at once: the first page ends among the messages, whose neighbours on both
    sides stand at the very same moment."""
    logged = [say(dana) for _ in range(30)]
    bought = [OrderFactory(customer=dana, ordered_at=NOW) for _ in range(30)]
    sent = [
        MessageFactory(customer=dana, state="sent", final_at=NOW, occurrence=str(n))
        for n in range(30)
    ]

    pages = walk(desk, dana)

    kinds = [[key.split("-")[0] for key in page] for page in pages]
    assert kinds == [
        ["interaction"] * 30 + ["message"] * 20,
        ["message"] * 10 + ["order"] * 30,
    ]
    assert sorted(key for page in pages for key in page) == sorted(
        [f"interaction-{row.pk}" for row in logged]
        + [f"order-{row.pk}" for row in bought]
        + [f"message-{row.pk}" for row in sent]
    )


def test_the_filter_stays_while_going_back(desk, dana):
    for number in range(60):
        say(dana, at=NOW - timedelta(hours=number))

    older = (
        desk.get(f"/customers/{dana.pk}/?show=conversations").context["timeline"].older
    )

    assert older.startswith("?show=conversations&older=")


def test_another_customers_rows_stay_theirs(desk, dana, every_source):
    tom = make_customer("Tom", "Okafor")

    assert keys(desk.get(f"/customers/{tom.pk}/")) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "1795000000000000",
        "1795000000000000-1",
        "1795000000000000-a-2",
        "999999999999999999-1-2",
        "1795000000000000-1-" + "9" * 30,
        "\x00-1-2",
    ],
)
def test_a_place_that_was_never_made_is_the_first_page(desk, dana, text):
    say(dana)

    answer = desk.get(f"/customers/{dana.pk}/", {"older": text})

    assert read_place(text) is None
    assert len(keys(answer)) == 1


def test_words_of_customers_are_shown_as_text(desk, dana, every_source):
    page = desk.get(f"/customers/{dana.pk}/").content.decode()

    assert "&lt;b&gt;Fine&lt;/b&gt;" in page
    assert "<b>Fine" not in page


def test_a_provisional_answer_is_not_shown(desk, dana):
    ResponseFactory(
        invitation=InvitationFactory(customer=dana, message=None),
        state="provisional",
        confirmed_at=None,
    )

    assert keys(desk.get(f"/customers/{dana.pk}/")) == []


def test_a_marketer_sees_that_somebody_called_but_not_the_content(client, dana):
    say(dana, body="Secret words")
    client.force_login(sign_up("max", "marketer"))

    page = client.get(f"/customers/{dana.pk}/").content.decode()

    assert "Call" in page
    assert "Secret words" not in page
    assert "Your role does not show what was written." in page


def test_an_order_of_many_lines_stays_one_line(desk, dana):
    order = OrderFactory(customer=dana, number="77", total=240, currency="GBP")
    for _ in range(9):
        OrderLineFactory(order=order)

    entry = desk.get(f"/customers/{dana.pk}/").context["timeline"].entries[0]

    assert entry.tail.endswith("6 more · £240.00")


@pytest.mark.parametrize("deep", [False, True])
def test_each_branch_reads_one_page_of_its_index(dana, deep):
    for number in range(200):
        say(dana, at=NOW - timedelta(minutes=number))
    before = sql.Place(NOW - timedelta(minutes=100), 3, 10**9) if deep else None

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE crm_interaction")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        with CaptureQueriesContext(connection) as queries:
            places = sql.entries(
                dana.pk,
                sources=parts_of(TimelineSource),
                before=before,
                limit=51,
            )
        cursor.execute("EXPLAIN (ANALYZE, COSTS OFF) " + queries[0]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert len(places) == 51
    for index in (
        "interaction_timeline",
        "order_timeline",
        "message_timeline",
        "response_timeline",
        "review_timeline",
        "follow_up_timeline",
        "mail_timeline",
        "subscription_timeline",
        "grant_timeline",
    ):
        assert index in plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize("rows", [1, 30])
def test_the_number_of_queries_does_not_grow(
    desk, dana, rows, django_assert_max_num_queries
):
    for number in range(rows):
        at = NOW - timedelta(hours=number)
        say(dana, at=at)
        order = OrderFactory(customer=dana, ordered_at=at)
        OrderLineFactory(order=order)
        MessageFactory(customer=dana, state="sent", final_at=at)
        ReviewFactory(request=ReviewRequestFactory(order=order), written_at=at)
        response = ResponseFactory(
            invitation=InvitationFactory(customer=dana, message=None), first_at=at
        )
        follow_ups.open_follow_up(
            customer_id=dana.pk,
            why="Call",
            due_on=NOW.date(),
            now=at,
            source_key=f"response:{response.pk}",
        )

    # The first page of a session notes where it was opened.
    desk.get(f"/customers/{dana.pk}/")

    with django_assert_max_num_queries(51):
        answer = desk.get(f"/customers/{dana.pk}/")

    read(answer, "Dana Levi")
