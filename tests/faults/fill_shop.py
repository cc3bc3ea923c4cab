"""Run as a program: people who were asked, and an owner who is signed in.

Prints their links and the owner's session as JSON. The database is an own one, which
the Django of the running tests does not know.
"""

import json
import sys

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from crm.models import Business, Customer  # noqa: E402
from messaging.services import links  # noqa: E402
from surveys.kinds.mails import link_to  # noqa: E402
from surveys.models import Invitation, Survey  # noqa: E402
from tests.factories import CustomerFactory, InvitationFactory, UserFactory  # noqa: E402


def main(people: int) -> None:
    now = timezone.now()
    Business.objects.update(quiet_from=0, quiet_until=0)
    survey = Survey.objects.get(askings__automation__kind="survey_after_delivery")
    customers = Customer.objects.bulk_create(CustomerFactory.build_batch(people))
    invitations = Invitation.objects.bulk_create(
        InvitationFactory.build(
            survey=survey, customer=customer, message=None, invited_at=now
        )
        for customer in customers
    )
    tokens = links.make_many(
        [
            links.LinkRequest(link_to(one), one.customer_id, one.message_id)
            for one in invitations
        ]
    )
    browser = Client()
    browser.force_login(UserFactory(role="owner"))
    session = browser.cookies[settings.SESSION_COOKIE_NAME].value
    rows = {one.pk: one.customer_id for one in invitations}
    output = {"links": [f"/s/{token}/" for token in tokens], "rows": list(rows.items())}
    output["session"] = session
    sys.stdout.write(json.dumps(output))


if __name__ == "__main__":
    main(int(sys.argv[1]))
