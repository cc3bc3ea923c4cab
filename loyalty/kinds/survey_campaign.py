"""A survey, once, on a day, to the people of a segment: a campaign whose mail asks."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext, gettext_lazy

from loyalty.models import Campaign
from loyalty.selectors import campaigns as selected
from loyalty.services import campaigns
from loyalty.sql import campaigns as sql
from messaging.kinds import Due, Group, StartingPoint, Window
from messaging.models import Automation, Message
from surveys.kinds.asking import AsksSurvey
from surveys.kinds.wordings import general

_ = gettext_lazy


class SurveyCampaign(AsksSurvey):
    """Day, start, stop and yes are those of any campaign; whom it may ask is what any
    survey says. It is no advertising, so nobody needs to have agreed to that."""

    name = campaigns.SURVEY
    label = _("A survey, once")
    summary = _("Asks the people of a segment once, on a day.")
    template = "emails/surveys/ask"
    stands_alone = True
    has_one_always = False
    panel_template = "loyalty/_campaign_panel.html"
    fixed_settings = frozenset({"offset_days", "reentry", "reentry_days"})
    # It was chosen with the day.
    rests = False
    is_to_everybody = True
    priority = 61
    life_days = 5
    occasion = _("its day")
    starting_points = (
        StartingPoint(
            name="survey_once",
            group=Group.ONCE,
            label=_("A survey to some people, once"),
            summary=_("Asks the people of a segment for their opinion."),
            suits=_("Before a change, after a fair, or to those who left."),
            goes=_("On the day that you choose, in the morning where they are."),
        ),
    )
    wording = general(
        subject=_("{shop} would like to know what you think"),
        intro=_(
            "we would like to know what you think. Your answer takes less than a "
            "minute:"
        ),
    )

    def refresh(self, automation: Automation, now: datetime) -> None:
        super().refresh(automation, now)
        campaigns.keep_watch(automation, now=now)

    def panel(self, automation: Automation, now: datetime) -> object:
        return selected.standing(automation, now=now)

    def asked(self, automation: Automation, window: Window, now: datetime) -> Due:
        row = Campaign.objects.filter(pk=automation.pk).first()
        return sql.due(row.on if row else None, window)

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        return {
            message.pk: gettext("In the audience of the campaign on its day.")
            for message in messages
        }
