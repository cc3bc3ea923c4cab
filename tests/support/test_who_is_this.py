"""A conversation of nobody names likely people, and one press says who it is."""

import pytest

from crm.models import Company, CompanyPerson, CustomerAddress
from crm.rules.choices import AddressKind
from crm.services import addresses
from support.models import Conversation, Draft, Mail
from support.selectors.conversations import likely_people
from support.services import conversations, drafts, joining
from tests.factories import NOW, CustomerFactory, OrderFactory, UserFactory
from tests.pages import read
from tests.support.conftest import conversation
from tests.support.mails import plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def unknown(take):
    """From a domain of a company, with a name we know and the number of an order."""
    text = "Order number: K-2001. Where is it?"
    return take(plain(text, sender="Dana Levi <dl@mail.acme.example>")).conversation


def press(client, conversation, action, customer=None):
    values = {"customer": customer.pk} if customer else {}
    client.post(f"/inbox/{conversation.pk}/{action}/", values)
    conversation.refresh_from_db()
    return client.get(f"/inbox/{conversation.pk}/").content.decode()


def test_it_names_people_by_order_name_and_domain(unknown):
    buyer = CustomerFactory(given_name="Bo")
    OrderFactory(customer=buyer, number="K-2001")
    dana = CustomerFactory(given_name="Dana", family_name="Levi")
    cleo = CustomerFactory(given_name="Cleo")
    acme = Company.objects.create(
        name="Acme", domain="acme.example", created_at=NOW, updated_at=NOW
    )
    other = Company.objects.create(
        name="Example", domain="example", created_at=NOW, updated_at=NOW
    )
    CompanyPerson.objects.create(company=acme, customer=cleo, created_at=NOW)
    CompanyPerson.objects.create(
        company=other, customer=CustomerFactory(given_name="Zoe"), created_at=NOW
    )

    found = [(one.customer, one.why) for one in likely_people(unknown)]

    assert found == [(buyer, "order"), (dana, "name"), (cleo, "company")]


def test_one_press_joins_it_with_its_address_and_one_takes_both_back(client, unknown):
    dana = CustomerFactory(given_name="Dana", family_name="Levi")
    client.force_login(UserFactory(role="manager"))

    page = press(client, unknown, "join-with-address", dana)
    assert unknown.customer == Mail.objects.get().customer == dana
    assert CustomerAddress.objects.get().norm == "dl@mail.acme.example"
    assert "/part-with-address/" in page  # the way back

    press(client, unknown, "part-with-address")
    assert unknown.customer is None
    assert Mail.objects.get().customer is None
    assert not CustomerAddress.objects.exists()


def test_somebody_new_is_one_press_and_can_be_parted_again(client, unknown):
    client.force_login(UserFactory(role="manager"))

    page = press(client, unknown, "create")
    assert unknown.customer.email == "dl@mail.acme.example"
    assert "/part/" in page

    press(client, unknown, "part")
    assert unknown.customer is None


def test_side_threads_and_drafts_go_to_whoever_it_turns_out_to_be(unknown, take):
    supplier = take(plain("Soon", sender="s@x.example", message_id="<s@x.example>"))
    side, below = supplier.conversation, conversation(side_of=supplier.conversation)
    Conversation.objects.filter(pk=side.pk).update(side_of=unknown)
    drafts.begin(author=UserFactory(role="agent"), conversation=unknown, now=NOW)
    dana = CustomerFactory()
    others = conversation(customer=CustomerFactory())

    def whose():
        rows = Conversation.objects.filter(pk__in=[unknown.pk, side.pk, below.pk])
        return {
            *rows.values_list("customer", flat=True),
            *Mail.objects.values_list("customer", flat=True),
            *Draft.objects.values_list("customer", flat=True),
        }

    conversations.belongs_to(unknown, customer=dana, now=NOW)
    assert whose() == {dana.pk}
    conversations.belongs_to_nobody(unknown, now=NOW)
    assert whose() == {None}

    known = conversation(customer=dana)
    agent = UserFactory(role="agent")
    done = joining.join([unknown.pk, known.pk], by=agent, now=NOW)
    assert whose() == {dana.pk}
    joining.undo(done.change, now=NOW)
    assert whose() == {None}
    others.refresh_from_db()
    assert others.customer is not None


def test_a_second_address_of_the_customer_is_no_third_person(client, take, dana):
    client.force_login(UserFactory(role="manager"))
    addresses.add(dana, kind=AddressKind.EMAIL, value="d@work.example", now=NOW)
    take(plain())
    mail = take(
        plain("Me again", sender="Dana <D@work.example>", message_id="<2@x.example>",
              answers=("<one@example.org>",))
    )  # fmt: skip

    html = read(client.get(f"/inbox/{mail.conversation_id}/"))
    timeline = read(client.get(f"/customers/{dana.pk}/"))

    assert "Me again" in html
    assert "Somebody else" not in html
    assert "Me again" in timeline
    assert "From Dana" not in timeline
