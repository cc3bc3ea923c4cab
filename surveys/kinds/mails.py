"""What the mails of a survey hold, in the language of each customer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from django.utils import translation
from django.utils.functional import Promise

from crm import selectors as crm
from crm.models import Business
from messaging.kinds import LinkTo, MailContext
from messaging.models import Message
from messaging.rules.choices import Purpose
from surveys import mail_parts, mail_samples, rules, selectors, words
from surveys.models import Invitation
from surveys.rules import questionnaire as q
from surveys.services.versions import questionnaire_of


def contexts(
    messages: Sequence[Message],
    asked: Mapping[int, Invitation],
    words_for: Callable[[str], Mapping[str, Promise]] = lambda _kind: {},
) -> dict[int, MailContext]:
    """What the templates need, each in the language of its customer."""
    names = selectors.product_names(
        [row.order_id for row in asked.values() if row.order_id is not None]
    )
    business = crm.business()
    found = {}
    for message in messages:
        invitation = asked.get(message.pk)
        if invitation is None:
            continue
        language = message.language or invitation.customer.language or business.language
        with translation.override(language):
            context = _context(
                invitation, names.get(invitation.order_id or 0, []), business
            )
            own = words_for(invitation.survey.kind)
            found[message.pk] = replace(
                context, wording={name: str(text) for name, text in own.items()}
            )
    return found


def _context(
    invitation: Invitation, names: Sequence[str], business: Business
) -> MailContext:
    order = invitation.order
    about = (
        words.order(order.number, order.ordered_on, order.delivered_on)
        if order
        else None
    )
    version_id = invitation.survey.live_version_id
    questionnaire = questionnaire_of(version_id) if version_id else q.NPS
    facts = _facts(invitation, names, about) | {"shop": business.name}
    return MailContext(
        values={
            **mail_parts.first_question(questionnaire, facts, business.language),
            "delivered": bool(about and about.has_arrived),
        },
        links={"answer": link_to(invitation)},
        words={
            "product": words.products(names),
            "order": about.number if about else "",
            "day": about.day if about else "",
        },
        footer_reason=words.reason(
            invitation.asking.every_days if invitation.asking else None, about
        ),
    )


def _facts(
    invitation: Invitation, names: Sequence[str], about: words.OrderWords | None
) -> dict[str, str]:
    """What the words of a question may recall; empty where it is not known."""
    return {
        "first_name": invitation.customer.greeting_name,
        "product": words.products(names) if names else "",
        "order": about.number if about else "",
        "day": about.day if about else "",
    }


def link_to(invitation: Invitation) -> LinkTo:
    """The link outlives the invitation by the time in which an answer may change."""
    return LinkTo(
        purpose=Purpose.SURVEY,
        subject_id=invitation.pk,
        path=mail_samples.PATH,
        expires_at=invitation.expires_at + rules.CHANGE_WINDOW,
    )
