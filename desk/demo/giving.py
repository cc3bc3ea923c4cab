"""What the shop gives: rewards, and some of them on their way to people."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from crm.models import Customer, User
from crm.services import customers
from loyalty.choices import Fulfilment, RedeemedBy, RewardKind
from loyalty.models import Reward
from loyalty.services import codes, fulfilment, grants, rewards
from loyalty.services.code_orders import Use
from loyalty.services.rewards import Words

_STAFF = ["owner", "manager", "agent"]
_LETTER = {
    "en": Words(
        "A letter from us",
        card="Dear {first_name},\n\n{years} with {shop}: thank you. The kettle is on"
        " whenever you pass by.\n\n{from_name}",
    ),
    "he": Words(
        "מכתב מאיתנו",
        card="{first_name},\n\n{years} עם {shop}. תודה. הקומקום תמיד חם כשתעברו ליד."
        "\n\n{from_name}",
    ),
    "zh-hans": Words(
        "我们的一封信",
        card="{first_name}，您好：\n\n{years}以来，感谢您一直光顾 {shop}。路过时，"
        "我们随时为您备好热茶。\n\n{from_name}",
    ),
    "zh-hant": Words(
        "我們的一封信",
        card="{first_name}，您好：\n\n{years}以來，感謝您一直光顧 {shop}。路過時，"
        "我們隨時為您備好熱茶。\n\n{from_name}",
    ),
}
_ADDRESSES = {
    "GB": ("14 Mill Lane", "", "Hebden Bridge", "", "HX7 8AB"),
    "US": ("220 Alder Street", "Apt 4", "Portland", "OR", "97205"),
    "IL": ("הרצל 12", "דירה 5", "תל אביב", "", "6688312"),
    "CN": ("人民路100号", "", "黄浦区", "上海市", "200001"),
    "TW": ("忠孝東路一段10號", "", "中正區", "臺北市", "100"),
    "DE": ("Lindenstraße 8", "", "Leipzig", "", "04109"),
}


def give(staff: Sequence[User], *, now: datetime) -> None:
    """A catalogue, a pool of codes, and what is late, due and done at the gift desk."""
    owner, manager, agent = staff
    began = now - timedelta(days=30)

    def made(
        name: str, kind: RewardKind, how: Fulfilment, words: Any = None, **values: Any
    ) -> Reward:
        return rewards.create(
            kind=kind,
            fulfilment=how,
            values={"name": name, "roles": _STAFF, **values},
            words=words or {},
            now=began,
        )

    letter = made(
        "Signed letter", RewardKind.LETTER, Fulfilment.DESK, _LETTER,
        cost=Decimal(4), yearly_budget=Decimal(400), days_to_do=7, doer=manager,
    )  # fmt: skip
    sample = made(
        "Sample of the new harvest", RewardKind.SAMPLE, Fulfilment.DESK,
        cost=Decimal(3), stock=60, yearly_budget=Decimal(180), days_to_do=3,
    )  # fmt: skip
    tasting = made(
        "Tasting for two", RewardKind.VISIT, Fulfilment.ASK,
        cost=Decimal(18), stock=12, life_days=90, days_to_do=21, doer=owner,
    )  # fmt: skip
    discount = made(
        "Ten off", RewardKind.DISCOUNT, Fulfilment.CODE,
        percent=Decimal(10), is_offer=True, cost=Decimal(3), life_days=60,
    )  # fmt: skip
    delivery = made(
        "Free delivery", RewardKind.FREE_DELIVERY, Fulfilment.POOL,
        is_offer=True, cost=Decimal(5), life_days=30,
    )  # fmt: skip
    texts = [f"LEAF-{number:04}" for number in range(2101, 2141)]
    rewards.add_codes(delivery, texts, now=began)
    _give(
        (
            ("KL-00002", letter, "Customer for ten years", 2, None),
            ("KL-00003", letter, "The oolong came late, twice", 9, None),
            ("KL-00004", sample, "Waits for the decaf", 1, agent),
            ("KL-00005", sample, "Quarterly check-in", 5, agent),
            ("KL-00006", tasting, "Sent us three new customers", 12, None),
            ("KL-00001", discount, "A scratched tin", 8, None),
            ("KL-00006", delivery, "A parcel that went astray", 6, None),
        ),
        owner,
        now=now,
    )
    _use(agent, now=now)


def _give(
    given: Sequence[tuple[str, Reward, str, int, User | None]],
    staff: User,
    *,
    now: datetime,
) -> None:
    for external_id, reward, reason, days_ago, does_it in given:
        customer = Customer.objects.filter(external_id=external_id).first()
        if customer is None:
            continue
        at = now - timedelta(days=days_ago)
        _at_home(customer, now=at)
        grant = grants.give_by_hand(
            customer,
            reward,
            staff=staff,
            reason=reason,
            once=f"{external_id}-{reward.pk}",
            now=at,
        )
        if does_it is not None:
            fulfilment.assign({grant.pk: does_it}, now=at)


def _at_home(customer: Customer, *, now: datetime) -> None:
    """Where a letter reaches them."""
    known = _ADDRESSES.get(customer.country)
    if known is None or customer.street:
        return
    street, extra, city, region, postcode = known
    facts = {
        "street": street, "street_extra": extra, "city": city, "region": region,
        "postcode": postcode,
    }  # fmt: skip
    customers.update_customer(customer, changes=facts, now=now)


def _use(staff: User, *, now: datetime) -> None:
    """One code was used at the till yesterday."""
    grant = Reward.objects.get(name="Ten off").grants.select_related("code").first()
    if grant is not None:
        yesterday = now - timedelta(days=1)
        use = Use(order_key="R-2041", via=RedeemedBy.TILL, user=staff)
        codes.redeem(grant.code.text, use, now=yesterday)
