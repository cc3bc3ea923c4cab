"""The texts of mails that ask, where they depend on what is asked."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from messaging.kinds import WordingField
from surveys.choices import SurveyKind

NAMES = ("first_name", "shop")

# The wording of an automation is that of NPS; of the other kinds of surveys, these.
_SUBJECTS: Mapping[str, Promise] = {
    SurveyKind.CSAT: _("How satisfied are you with {shop}?"),
    SurveyKind.CES: _("How easy was it with {shop}?"),
    SurveyKind.FOUR: _("Some questions from {shop}"),
    SurveyKind.EXIT: _("{shop} would like to learn why you left"),
    SurveyKind.OWN: _("{shop} would like to know what you think"),
}
_LEFT = _(
    "we have not seen you for a while. Nobody will try to win you back: we would like "
    "to learn. It takes less than a minute:"
)
NOW_AND_THEN: Mapping[str, Promise] = {
    "intro": _(
        "you have been with us for a while, and we would like to know how we are "
        "doing. It takes less than a minute:"
    ),
}
AFTER_DELIVERY: Mapping[str, Promise] = {
    "intro": _(
        "your {product} arrived on {day}. Tell us how it went; it takes less than a "
        "minute:"
    ),
    "intro_unconfirmed": _(
        "your {product} of {day} should be with you by now. Tell us how it went; it "
        "takes less than a minute:"
    ),
}


def instead(survey_kind: str, intros: Mapping[str, Promise]) -> Mapping[str, Promise]:
    """Texts for a survey that is no NPS: its subject, and these first words."""
    subject = _SUBJECTS.get(survey_kind)
    if subject is None:
        return {}
    if survey_kind == SurveyKind.EXIT:
        return {"subject": subject, **dict.fromkeys(intros, _LEFT)}
    return {"subject": subject, **intros}


def general(*, subject: Promise, intro: Promise) -> tuple[WordingField, ...]:
    """Its subject and first words, with these as the product's own."""
    return (
        WordingField("subject", _("Subject"), subject, placeholders=NAMES),
        WordingField("intro", _("First words"), intro, placeholders=NAMES, long=True),
    )
