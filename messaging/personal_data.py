"""The rows of messaging that belong to a customer: exported, erased and merged."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from crm.models import Customer, CustomerAddress
from crm.personal_rows import Merge, Merged, PersonalRows, Steps, register
from crm.rules.choices import AddressKind
from messaging.errors import MailOnItsWay
from messaging.models import (
    Body,
    Circuit,
    Consent,
    ForecastPerson,
    Hold,
    Link,
    Message,
    Refusal,
    Run,
)
from messaging.rules.choices import COUNTED, State, SuppressionReason
from messaging.rules.send_decision import Code, Reason
from messaging.services import (
    automation_rows,
    merged_words,
    messages,
    runs,
    suppression,
)

_WAITING = (State.PLANNED.value, State.CLAIMED.value)


def _before_erasure(ids: Collection[int], now: datetime) -> None:
    addresses = _addresses(ids)
    automation_rows.forget(ids, now=now)
    theirs = Message.objects.filter(Q(customer__in=ids) | Q(address__in=addresses))
    # Its server's answer would be stored after we are done.
    if theirs.filter(state=State.HANDED.value).exists():
        raise MailOnItsWay
    messages.finish(
        theirs.filter(state__in=_WAITING),
        state=State.CANCELLED,
        reason=Reason(Code.ERASED.value),
        now=now,
    )
    runs.stop(Run.objects.filter(customer__in=ids), Code.ERASED.value, now=now)
    _forget_addresses(addresses)
    for known in _hashes(ids, addresses):
        suppression.suppress(known, reason=SuppressionReason.ERASED, now=now)


def _addresses(ids: Collection[int]) -> set[str]:
    """Chief and second ones."""
    rows = Customer.objects.filter(pk__in=ids).exclude(email_norm="")
    seconds = CustomerAddress.objects.filter(
        customer__in=ids, kind=AddressKind.EMAIL.value
    )
    return {
        *rows.values_list("email_norm", flat=True),
        *seconds.values_list("norm", flat=True),
    }


def _hashes(ids: Collection[int], addresses: Collection[str]) -> set[bytes]:
    """Of the addresses they have, and of those at which they spoke of our mail."""
    spoken = Consent.objects.filter(customer__in=ids, address_hash__isnull=False)
    found = spoken.values_list("address_hash", flat=True)
    hashes = {bytes(one) for one in found if one}
    return hashes | set(suppression.address_hashes(addresses).values())


def _forget_addresses(addresses: Collection[str]) -> None:
    """Mails that went to the bare address, without a record."""
    bare = Message.objects.filter(address__in=addresses)
    Body.objects.filter(message__in=bare).delete()
    bare.update(
        address=Concat(Value("erased-"), Cast(F("pk"), TextField())), smtp_text=""
    )


def _before_merge(merge: Merge) -> None:
    waiting = Message.objects.filter(customer=merge.dropped, state__in=_WAITING)
    reason = Reason(Code.CUSTOMER_GONE.value)
    messages.finish(waiting, state=State.SUPERSEDED, reason=reason, now=merge.now)
    _end_what_the_other_got(merge)
    runs.join(merge)
    merged_words.join(merge)


def _end_what_the_other_got(merge: Merge) -> None:
    """One person is written to once about one thing. An undo leaves it to the next
    sweep to plan it anew."""
    got = Message.objects.filter(
        customer=merge.dropped, state__in=COUNTED,
        kind=OuterRef("kind"), occurrence=OuterRef("occurrence"),
    )  # fmt: skip
    again = Message.objects.filter(Exists(got), customer=merge.kept, state__in=_WAITING)
    reason = Reason(Code.GOT_ALREADY.value)
    messages.finish(again, state=State.SUPERSEDED, reason=reason, now=merge.now)


def _before_undo(merge: Merge) -> None:
    """What the sweeps planned for one person, they plan again for each of the two."""
    waiting = Message.objects.filter(customer=merge.kept, state__in=_WAITING)
    reason = Reason(Code.RECORDS_PARTED.value)
    messages.finish(waiting, state=State.SUPERSEDED, reason=reason, now=merge.now)


def _after_undo(merge: Merge) -> None:
    merged_words.part(merge)
    runs.part(merge)


register(
    Steps(
        before_erasure=_before_erasure,
        before_merge=_before_merge,
        before_undo=_before_undo,
        after_undo=_after_undo,
    ),
    # Before the messages, which point at them.
    PersonalRows(
        name="runs",
        model=Run,
        label=_("Series of mails"),
        exported={
            "automation__kind": _("Kind"),
            "step": _("Step"),
            "state": _("State"),
            "reason_code": _("Reason"),
            "started_at": _("Begun"),
            "next_on": _("Next"),
            "ended_at": _("Ended"),
        },
        # Words of our own, and ids.
        kept=("occurrence", "reason_code"),
        # Its only mail goes with the record, too, where that has not been tried.
        unused=Q(step=1, next_on=None),
    ),
    PersonalRows(
        name="messages",
        model=Message,
        label=_("Mails"),
        exported={
            "kind": _("Kind"),
            "category": _("Class"),
            "state": _("State"),
            "reason_code": _("Reason"),
            "planned_at": _("Planned"),
            "final_at": _("Ended"),
            "language": _("Language"),
            "body__subject": _("Subject"),
            "body__text": _("Text"),
        },
        blanked={"smtp_text": ""},
        # Words of our own, ids, counts and times. `address` is empty where there is a
        # customer; see _forget_addresses.
        kept=(
            *("kind", "occurrence", "language", "address"),
            *("reason_code", "deferred_reason", "reason_data", "why"),
        ),
        # Nothing was sent, and nothing was noted about it.
        unused=Q(state=State.PLANNED.value, attempts=0),
        once=("kind", "occurrence"),
        renamed="occurrence",
        unless_state=State.SUPERSEDED.value,
        address="address_hash",
    ),
    PersonalRows(
        name="bodies",
        model=Body,
        customer="message__customer_id",
        deleted=True,
        merged=Merged.STAY,
    ),
    # Worked out every hour from what the other tables hold; nothing here says more.
    PersonalRows(
        name="forecast_people",
        model=ForecastPerson,
        deleted=True,
        merged=Merged.DELETE,
    ),
    PersonalRows(name="links", model=Link, deleted=True, follows="message"),
    PersonalRows(name="holds", model=Hold, deleted=True, address="address_hash"),
    # Append-only, for a merge too. The trigger lets erasure take the words out.
    PersonalRows(
        name="consents",
        model=Consent,
        label=_("What they allowed and stopped"),
        exported={
            "at": _("When"),
            "category": _("Class"),
            "granted": _("Allowed"),
            "how": _("How"),
            "source_text": _("Source"),
        },
        blanked={"source_text": "", "ip_truncated": "", "source_key": None},
        kept=("how", "wording_version"),
        merged=Merged.STAY,
    ),
    # The last answer of a mail server may name the address.
    PersonalRows(
        name="circuits",
        model=Circuit,
        customer="refused__customer_id",
        blanked={"smtp_text": ""},
        kept=("reason_code",),
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="refusals",
        model=Refusal,
        customer="message__customer_id",
        merged=Merged.STAY,
    ),
)
