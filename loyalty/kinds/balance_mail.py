"""What the mails of programmes have in common.

They are of the category of loyalty, not transactional: nobody needs them to use what
they have, which is on their own page, and whoever does not want them stops them. With
an offer in it a mail is marketing.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext, gettext_lazy, override

from crm import selectors as crm
from loyalty.choices import Unit
from loyalty.kinds.letter_words import letter_words
from loyalty.models import Membership, Programme
from loyalty.services import member_links
from messaging.kinds import Kind, MailContext, Reason, WordingField
from messaging.models import Message
from messaging.rules.choices import Category

_ = gettext_lazy

_NO_MEMBERSHIP = Reason("no_membership")
_NAMES = ("first_name", "shop")


class BalanceMail(Kind):
    """One programme after the other, and a button to the person's own page."""

    category = Category.LOYALTY
    has_one_always = False
    template = "emails/loyalty/balance"
    life_days = 5
    send_hour = 10
    # Why one does not go to a member who has nothing to be told of any more.
    gone: ClassVar[Reason]

    def told(self, messages: Sequence[Message], now: datetime) -> dict[int, Any]:
        """Message id to what it tells; none where there is nothing to tell."""
        raise NotImplementedError

    def context(
        self, told: Any, *, language: str, page: str, now: datetime
    ) -> MailContext:
        """The mail that tells this, in the active language, which is `language`."""
        raise NotImplementedError

    def no_longer_due(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, Reason]:
        told = self.told(messages, now)
        left = {one.pk: one.person_id for one in messages if one.pk not in told}
        rows = Membership.objects.filter(customer__in=left.values(), left_at=None)
        members = set(rows.values_list("customer", flat=True))
        return {
            pk: self.gone if person in members else _NO_MEMBERSHIP
            for pk, person in left.items()
        }

    def prepare(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, MailContext]:
        told, shop = self.told(messages, now), crm.business()
        found: dict[int, MailContext] = {}
        for message in messages:
            language = message.language or message.person.language or shop.language
            if message.pk in told:
                with override(language):
                    found[message.pk] = self.context(
                        told[message.pk],
                        language=language,
                        page=page_of(member_links.token_of(message.person_id)),
                        now=now,
                    )
        return found

    def sample(self, language: str, now: datetime) -> MailContext:
        with override(language):
            return self.context(
                self.sample_told(now),
                language=language,
                page=page_of("sample"),
                now=now,
            )

    def sample_told(self, now: datetime) -> Any:
        """What a preview tells, in the active language."""
        raise NotImplementedError


def page_of(token: str) -> str:
    """Where a person sees what they have, and how they came by it."""
    return f"{crm.business().public_url.rstrip('/')}/m/{token}/"


def reason() -> str:
    """Why they get it, in the active language."""
    return gettext("You get this mail because you take part in a programme of ours.")


def wording(
    subject: object, opening: object, closing: object, *names: str
) -> tuple[WordingField, ...]:
    """The texts that staff may reword; `names`: placeholders beside the common ones."""
    return letter_words(
        subject,
        opening,
        closing,
        button=_("See your balance"),
        asked=(*names, *_NAMES),
    )


def grouped(
    messages: Sequence[Message],
    read: Callable[[set[int], date, date], dict[int, Any]],
) -> dict[int, Any]:
    """What is read for the customers and the days (`first` to `last`) of each message,
    in one go for all of the same days."""
    spans: dict[tuple[date, date], list[Message]] = {}
    for message in messages:
        first, last = message.why["first"], message.why["last"]
        span = (date.fromisoformat(first), date.fromisoformat(last))
        spans.setdefault(span, []).append(message)
    found: dict[int, Any] = {}
    for span, ours in spans.items():
        people = {message.person_id for message in ours}
        told = read(people, *span)
        found |= {
            message.pk: told[message.person_id]
            for message in ours
            if message.person_id in told
        }
    return found


def sample_programme() -> Programme:
    """One of points, with a name in the active language."""
    made = Programme(
        name=gettext("Points"), unit=Unit.POINTS.value, currency=crm.business().currency
    )
    # It has no row, so no words of its own either.
    made.wording = {}
    return made


def in_days(now: datetime, days: int) -> date:
    """A day of samples."""
    return now.date() + timedelta(days=days)
