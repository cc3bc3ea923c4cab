"""The sample that staff chose for a product of "Goes with it"."""

from collections.abc import Mapping, Sequence

from loyalty.models import Complement
from loyalty.sql import suggestions as sql
from messaging.models import Message

KIND = "goes_with"


def of(messages: Sequence[Message]) -> dict[int, int]:
    """Of mails of this kind, message id to the reward: of the first product that it
    still suggests and for which there is one. Three queries."""
    begun = _begun(messages)
    standings = sql.standings([one.pk for one in begun.values()])
    open_ones = {
        pk: [(one.bought_id, one.product_id) for one in listed if one.is_open]
        for pk, listed in standings.items()
    }
    chosen = _chosen({pair for pairs in open_ones.values() for pair in pairs})
    found: dict[int, int] = {}
    for one in messages:
        first = begun.get((one.person_id, one.occurrence))
        pairs = open_ones.get(first.pk, []) if first else []
        sample = next((chosen[pair] for pair in pairs if pair in chosen), None)
        if sample is not None:
            found[one.pk] = sample
    return found


def _begun(messages: Sequence[Message]) -> dict[tuple[int, str], Message]:
    """By customer and occurrence the first mail, which says what is suggested."""
    rows = Message.objects.filter(
        kind=KIND,
        step=1,
        customer__in={one.person_id for one in messages},
        occurrence__in={one.occurrence for one in messages},
    )
    rows = rows.exclude(state="superseded")
    return {(one.person_id, one.occurrence): one for one in rows}


def _chosen(pairs: set[tuple[int, int]]) -> Mapping[tuple[int, int], int]:
    rows = Complement.objects.filter(
        product__in={bought for bought, _ in pairs},
        goes_with__in={suggested for _, suggested in pairs},
        sample__archived_at=None,
        sample__isnull=False,
    )
    return {
        (bought, suggested): sample
        for bought, suggested, sample in rows.values_list(
            "product", "goes_with", "sample"
        )
    }
