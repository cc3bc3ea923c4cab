"""The link to a person's member's page: signed, without a row and without an end."""

from django.core.signing import BadSignature, Signer

from crm.models import Customer
from messaging.errors import LinkGone
from messaging.rules import tokens

# A token of another purpose fails here, and this one everywhere else.
_SIGNER = Signer(salt="loyalty.member", sep="~")


def token_of(customer_id: int) -> str:
    """The token in `/m/TOKEN/`, and in the square that the till reads."""
    return _SIGNER.sign(f"m{customer_id:x}")


def number_in(code: str) -> int:
    """The number of the record that a code names, as a square or a link has it; 0 for
    a forged one. Whether the record is still there is not asked."""
    token = code.rstrip("/").rpartition("/")[2]
    try:
        return int(_SIGNER.unsign(tokens.signed_token(token))[1:], 16)
    except (BadSignature, ValueError):
        return 0


def customer_of(token: str) -> Customer:
    """Whose page it is, through merges. Raises LinkGone for a forged token, and where
    the person was erased."""
    number = number_in(token)
    person = Customer.objects.select_related("merged_into").filter(pk=number).first()
    if person is not None and person.merged_into is not None:
        person = person.merged_into
    if person is None or not person.is_live:
        raise LinkGone
    return person
