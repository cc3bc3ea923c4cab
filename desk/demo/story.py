"""The last weeks, lived through day by day by the real pipeline.

Sweeps plan, the outbox keeps the mails, people answer some of them, staff look after
the unhappy. The clock is an argument everywhere, so that nothing here is made up
beside what people say and do.
"""

import heapq
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from crm.models import Customer, FollowUp, User
from crm.rules.choices import FollowUpState
from crm.services import follow_ups, interactions
from desk.demo import texts
from desk.demo.buying import DANA
from feedback.models import Review, ReviewRequest
from feedback.services import moderation, reviews
from feedback.services.reviews import ReviewInput
from loyalty.selectors import reorders
from loyalty.services import reorder_choices
from messaging import kinds
from messaging.models import Automation, Message
from messaging.rules.choices import Category, State
from messaging.services import (
    automation_rows,
    automations,
    consent,
    delivery,
    planning,
)
from surveys.models import Invitation
from surveys.services import responses

DAYS = 40
SCORES = {"high": (9, 10, 10), "middle": (7, 8, 8), "low": (2, 4, 5, 6)}
_STARS = {"high": (4, 5, 5), "middle": (3,), "low": (1, 2)}
# When mail goes: mornings of Asia, of Europe and Israel, and of America, in UTC.
_PASSES = (time(1, 40), time(9, 30), time(17, 30))
# Beside what every shop has, so that the calendar has something to tell.
_OCCASIONS = ("welcome", "milestone", "new_year", "goes_with", "same_kind")


_Act = Callable[[datetime], object]


@dataclass(order=True)
class _Action:
    at: datetime
    number: int
    do: _Act = field(compare=False)


class Story:
    """One run of the last weeks; `dice` decides, the same way every time."""

    def __init__(
        self, staff: Sequence[User], *, now: datetime, dice: random.Random
    ) -> None:
        self.staff = staff
        self.now = now
        self.dice = dice
        self.actions: list[_Action] = []
        self.count = 0
        self.seen_invitation = 0
        self.seen_request = 0
        self.reminders = 0

    def live(self) -> Iterator[int]:
        """Everything up to now; after each day, how many days are over."""
        start = self.now - timedelta(days=DAYS)
        for name in _OCCASIONS:
            automation_rows.create(kinds.get(name), now=start)
        for automation in Automation.objects.all():
            automations.switch_on(automation, now=start)
        for moment in _moments(start, self.now):
            self._until(moment)
            if moment.time() == _PASSES[0] or moment == self.now:
                # A sweep looks 36 hours ahead: once a day misses no one.
                planning.sweep(now=moment)
            delivery.deliver(now=moment)
            self._notice_new_mail(moment)
            self._look_after(moment)
            if moment.time() == _PASSES[-1]:
                yield (moment - start).days + 1

    def _until(self, moment: datetime) -> None:
        """What people do between two passes, in the order of time."""
        while self.actions and self.actions[0].at <= moment:
            action = heapq.heappop(self.actions)
            action.do(action.at)

    def _later(
        self, after: timedelta, moment: datetime, do: Callable[[datetime], object]
    ) -> None:
        self.count += 1
        heapq.heappush(self.actions, _Action(moment + after, self.count, do))

    def _notice_new_mail(self, moment: datetime) -> None:
        invitations = Invitation.objects.filter(pk__gt=self.seen_invitation)
        for invitation in invitations.select_related("customer").order_by("pk"):
            self.seen_invitation = invitation.pk
            self._maybe_answer(invitation, moment)
        requests = ReviewRequest.objects.filter(pk__gt=self.seen_request)
        for request in requests.select_related("customer").order_by("pk"):
            self.seen_request = request.pk
            self._maybe_review(request, moment)
        reminders = Message.objects.filter(
            kind=reorders.KIND, state=State.SENT.value, final_at=moment
        )
        for message in reminders.order_by("pk"):
            self.reminders += 1
            self._maybe_decide(message, moment)

    def _maybe_answer(self, invitation: Invitation, moment: datetime) -> None:
        customer = invitation.customer
        if customer.external_id == DANA:
            score, comment = 2, texts.DANA_SAID
            wait = timedelta(hours=3)
        elif self.dice.random() < 0.38:
            score, comment = self._opinion(customer)
            wait = timedelta(hours=self.dice.triangular(0.2, 60, 3))
        else:
            return
        self._later(
            wait,
            moment,
            lambda at: responses.record_response(
                invitation.pk,
                score=score,
                comment=comment,
                language=customer.language,
                now=at,
            ),
        )

    def _opinion(self, customer: Customer) -> tuple[int, str]:
        band = self.dice.choices(("high", "middle", "low"), (56, 28, 16))[0]
        words = texts.COMMENTS[customer.language or "en"][band]
        comment = self.dice.choice(words) if self.dice.random() < 0.6 else ""
        return self.dice.choice(SCORES[band]), comment

    def _maybe_review(self, request: ReviewRequest, moment: datetime) -> None:
        if self.dice.random() > 0.3:
            return
        customer = request.customer
        band = self.dice.choices(("high", "middle", "low"), (70, 18, 12))[0]
        stars = self.dice.choice(
            {"high": (4, 5, 5), "middle": (3,), "low": (1, 2)}[band]
        )
        written = ReviewInput(
            stars=stars,
            body=self.dice.choice(texts.REVIEWS[customer.language or "en"][band]),
            name_shown=customer.greeting_name,
            language=customer.language,
        )
        self._later(
            timedelta(hours=self.dice.triangular(1, 80, 6)),
            moment,
            lambda at: reviews.submit_review(request, written=written, now=at),
        )

    def _maybe_decide(self, message: Message, moment: datetime) -> None:
        """Every fifth reminder comes too early, and now and then one is not wanted."""
        product_id = message.why["products"][0]["id"]

        def later(at: datetime) -> None:
            reorder_choices.put_off(message, product_id=product_id, days=14, now=at)

        def never(at: datetime) -> None:
            reorder_choices.refuse_product(message, product_id=product_id, now=at)

        if self.reminders % 5 == 1:
            self._later(timedelta(hours=2), moment, later)
        elif self.reminders % 9 == 4:
            self._later(timedelta(hours=5), moment, never)

    def _look_after(self, moment: datetime) -> None:
        """Staff read reviews after a day or two, and call the unhappy."""
        if moment.time().hour != 9:
            return
        patience = moment - timedelta(days=2)
        for review in Review.objects.filter(state="held", written_at__lt=patience):
            moderation.publish(
                review, version=review.version, staff=self.staff[1], now=moment
            )
        owed = FollowUp.objects.filter(
            state=FollowUpState.OPEN.value, created_at__lt=patience
        )
        for follow_up in owed.select_related("customer"):
            self._settle(follow_up, moment)

    def _settle(self, follow_up: FollowUp, moment: datetime) -> None:
        staff = self.dice.choice(self.staff)
        interactions.log_interaction(
            customer=follow_up.customer,
            channel="call",
            body=self.dice.choice(texts.OUTCOMES),
            staff=staff,
            now=moment,
        )
        follow_ups.finish(
            follow_up, now=moment, staff=staff, outcome="Settled by phone"
        )


def _moments(start: datetime, now: datetime) -> Iterator[datetime]:
    day: date = start.date()
    while day <= now.date():
        for hour in _PASSES:
            moment = datetime.combine(day, hour, tzinfo=UTC)
            if start < moment <= now:
                yield moment
        day += timedelta(days=1)
    yield now


def talk(staff: Sequence[User], *, now: datetime, dice: random.Random) -> None:
    """Two years of calls, mails and visits before the story begins."""
    people = list(Customer.objects.live().order_by("external_id"))
    for _ in range(len(people) // 2):
        customer = dice.choice(people)
        channel, direction, text = dice.choice(texts.TALKS)
        at = now - timedelta(days=dice.uniform(1, 700))
        interactions.log_interaction(
            customer=customer,
            channel=channel,
            direction=direction,
            body=text,
            staff=dice.choice(staff),
            happened_at=at,
            now=at,
        )


def promise(staff: Sequence[User], *, now: datetime) -> None:
    """What is owed in the coming days, so that Today has something to say."""
    promises = (
        ("KL-00006", "Send the corrected invoice", -3, 0),
        ("KL-00002", "Customer for ten years tomorrow: worth a call", 0, 0),
        ("KL-00005", "Quarterly check-in, about grinder settings", 0, 2),
        ("KL-00004", "Tell her when the decaf is back", 2, 0),
        ("KL-00003", "Ask about the oolong she returned", 4, 1),
    )
    for external_id, why, days, who in promises:
        customer = Customer.objects.filter(external_id=external_id).first()
        if customer is not None:
            follow_ups.open_follow_up(
                customer_id=customer.pk,
                why=why,
                due_on=now.date() + timedelta(days=days),
                assignee=staff[who],
                now=now - timedelta(days=5),
            )


def wishes(*, now: datetime, dice: random.Random) -> None:
    """Some do not want surveys, some asked for offers."""
    for customer in Customer.objects.live().order_by("external_id"):
        at = now - timedelta(days=dice.uniform(DAYS, 400))
        luck = dice.random()
        if luck < 0.03:
            consent.withdraw(
                customer, categories=[Category.SURVEY], how="preference_page", now=at
            )
        elif luck < 0.15:
            consent.grant(
                customer,
                categories=[Category.MARKETING],
                how="preference_page",
                source_text="Offers: yes, please",
                now=at,
            )
