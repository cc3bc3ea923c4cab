"""The link to a person's member's page: signed, without a row and without an end."""

import base64
import re
from collections.abc import Collection
from datetime import datetime

from django.core.signing import BadSignature, Signer
from django.utils.crypto import constant_time_compare, salted_hmac

from crm import selectors as crm
from crm.models import Customer
from loyalty.choices import WhoTakesPart
from loyalty.models import Membership, Programme
from loyalty.sql import members
from messaging.errors import LinkGone
from messaging.rules import tokens

# A token of another purpose fails here, and this one everywhere else.
_SIGNER = Signer(salt="loyalty.member", sep="~")
# What opening a link reads: a whole record is 60 columns, and to put that statement
# together takes longer than to answer it.
_OPENED = ("language", "erased_at", "merged_into")
_TILL_CODE = re.compile(r"M([1-9][0-9]{0,17})-([A-Z2-7]{6})")


def token_of(customer_id: int) -> str:
    """The token in `/m/TOKEN/`, and in the square that the till reads."""
    return _SIGNER.sign(f"m{customer_id:x}")


def paths_of(customers: Collection[int], now: datetime) -> dict[int, str]:
    """The pages of those who take part in a programme that is on, also before they
    have earned anything in it. One query where none is on, else two, and one for each
    programme that nobody has to join, until all have a page."""
    today = crm.business().day(now)
    on = Programme.objects.filter(
        periods__until_on=None, periods__from_on__lte=today, archived_at=None
    )
    programmes = list(on.select_related("segment", "left_out"))
    if not programmes:
        return {}
    rows = Membership.objects.filter(customer__in=customers, programme__in=programmes)
    there = list(rows.values_list("customer", "programme", "left_at"))
    found = {pk for pk, _programme, left_at in there if left_at is None}
    left = {(pk, programme) for pk, programme, at in there if at is not None}
    for one in programmes:
        rest = [pk for pk in set(customers) - found if (pk, one.pk) not in left]
        if rest and one.takes_part != WhoTakesPart.JOINING.value:
            found |= members.who_may(one, rest, today=today)
    return {pk: f"/m/{token_of(pk)}/" for pk in found}


def till_code(customer_id: int) -> str:
    """What the bars say, and what somebody may type: M, the number, and six letters or
    digits that nobody can guess from it."""
    return f"M{customer_id}-{_check(customer_id)}"


def _check(customer_id: int) -> str:
    digest = salted_hmac("loyalty.till", str(customer_id), algorithm="sha256").digest()
    return base64.b32encode(digest)[:6].decode()


def number_in(code: str) -> int:
    """The number of the record that a code names, as a square, bars or a link have
    it; 0 for
    a forged one. Whether the record is still there is not asked."""
    token = code.rstrip("/").rpartition("/")[2]
    if typed := _TILL_CODE.fullmatch(token.strip().upper()):
        number = int(typed[1])
        return number if constant_time_compare(_check(number), typed[2]) else 0
    try:
        return int(_SIGNER.unsign(tokens.signed_token(token))[1:], 16)
    except (BadSignature, ValueError):
        return 0


def customer_of(token: str) -> Customer:
    """Whose page it is, through merges, with their language alone. Raises LinkGone for
    a forged token, and where the person was erased."""
    number = number_in(token)
    rows = Customer.objects.only(*_OPENED)
    person = rows.filter(pk=number).first()
    if person is not None and person.merged_into_id is not None:
        person = rows.filter(pk=person.merged_into_id).first()
    if person is None or not person.is_live:
        raise LinkGone
    return person
