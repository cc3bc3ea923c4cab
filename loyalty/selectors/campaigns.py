"""How far campaigns are, for their page and Today."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef

from crm import audiences
from crm.page_parts import MOST_ITEMS
from loyalty.choices import Answer, CampaignState
from loyalty.models import Campaign, CampaignRequest
from messaging.models import Automation, Message, Wording
from messaging.rules.choices import State
from messaging.selectors import outbox

_WAITING = {State.PLANNED.value, State.CLAIMED.value, State.HANDED.value}
_CHANGEABLE = [
    CampaignState.DRAFT.value,
    CampaignState.WAITING.value,
    CampaignState.STOPPED.value,
]
_LEFT = {State.SENT.value, State.UNCERTAIN.value}
_STOPPED = ("campaign_stopped", "superseded_switched_off", "automation_off")


@dataclass(frozen=True)
class Progress:
    """Messages of one campaign: left (or kept here), waiting, held out by lot, not sent
    for other reasons, by reason in words; `stopped`: taken back when it was stopped."""

    left: int
    waiting: int
    held_out: int
    not_sent: int
    reasons: list[tuple[str, int]]
    stopped: int = 0

    @property
    def total(self) -> int:
        """How many people the campaign is for."""
        return self.left + self.waiting + self.held_out + self.not_sent


@dataclass(frozen=True)
class Standing:
    """A campaign as its page shows it. `request`: the last one, answered or not."""

    campaign: Campaign
    people: int
    is_more: bool
    request: CampaignRequest | None
    progress: Progress


def to_come(first_on: date, last_on: date) -> list[Campaign]:
    """Those of these days that do not go yet, so that their day may be changed."""
    rows = Campaign.objects.filter(
        on__range=(first_on, last_on),
        state__in=_CHANGEABLE,
        automation__archived_at=None,
    )
    return list(rows.select_related("automation").order_by("on", "automation_id"))


def languages_of(automation: Automation) -> list[str]:
    """In which it has a subject and a text of the shop's own: ours say nothing to
    anybody."""
    rows = Wording.objects.filter(step__automation=automation, step__position=1)
    return [
        row.language
        for row in rows.order_by("language")
        if row.fields.get("subject") and row.fields.get("text")
    ]


def standing(automation: Automation, *, now: datetime) -> Standing | None:
    """None where the row of the campaign is missing."""
    campaign = (
        Campaign.objects.select_related("started_by").filter(pk=automation.pk).first()
    )
    if campaign is None:
        return None
    campaign.automation = automation
    count = audiences.count(automation.audience, now=now)
    most = audiences.COUNTED_UP_TO
    last = campaign.requests.select_related("asked_by", "answered_by")
    return Standing(
        campaign,
        min(count, most),
        count > most,
        last.order_by("-asked_at", "-id").first(),
        progress([campaign])[campaign.pk],
    )


def progress(campaigns: list[Campaign]) -> dict[int, Progress]:
    """Campaign id to its counts, in one query, and one more for each stopped."""
    ids = [one.pk for one in campaigns]
    rows = (
        Message.objects.filter(automation__in=ids)
        .exclude(state=State.SUPERSEDED.value)
        .values_list("automation", "state", "reason_code")
        .annotate(mails=Count("id"))
    )
    found: dict[int, Counter[tuple[str, str]]] = {pk: Counter() for pk in ids}
    for pk, state, reason, mails in rows:
        found[pk][state, reason] += mails
    return {one.pk: _progress(found[one.pk], _taken_back(one)) for one in campaigns}


def unfinished(*, with_waiting: bool) -> list[Campaign]:
    """Those under way, and those that wait for a yes where they are asked for; the
    earliest first, with their open questions."""
    states = [CampaignState.GOING.value]
    if with_waiting:
        states.append(CampaignState.WAITING.value)
    rows = Campaign.objects.filter(state__in=states).select_related("automation")
    return list(rows.order_by("on", "pk")[:MOST_ITEMS])


def ended(*, since: datetime) -> list[Campaign]:
    """Those that came to their end since then, the last one first."""
    rows = Campaign.objects.filter(
        state=CampaignState.OVER.value, ended_at__gte=since
    ).select_related("automation")
    return list(rows.order_by("-ended_at", "pk")[:MOST_ITEMS])


def request_of(campaign: Campaign) -> CampaignRequest | None:
    """The open question whether it may go."""
    return campaign.requests.filter(answer=Answer.OPEN.value).first()


def _progress(counts: Counter[tuple[str, str]], stopped: int) -> Progress:
    left, waiting, held_out = 0, 0, 0
    others: Counter[str] = Counter()
    for (state, reason), mails in counts.items():
        if state in _LEFT:
            left += mails
        elif state in _WAITING:
            waiting += mails
        elif reason == "held_out":
            held_out += mails
        else:
            others[reason] += mails
    reasons = [(str(outbox.in_words(code)), n) for code, n in others.most_common()]
    return Progress(left, waiting, held_out, others.total(), reasons, stopped)


def _taken_back(campaign: Campaign) -> int:
    """People whose mail was taken back and who have no other one since."""
    if campaign.state not in {CampaignState.STOPPED, CampaignState.WAITING}:
        return 0
    rows = Message.objects.filter(
        automation=campaign.pk, state=State.SUPERSEDED.value, reason_code__in=_STOPPED
    )
    live = Message.objects.filter(
        automation=campaign.pk, customer=OuterRef("customer")
    ).exclude(state=State.SUPERSEDED.value)
    return rows.filter(~Exists(live)).values("customer").distinct().count()
