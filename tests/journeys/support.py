"""What the journeys share: a small shop that lived through the real pipeline.

Everything in it came about as in life: services, one sweep, one delivery into the
outbox. So the links are those of real mails, and every page has something to show.
"""

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from typing import Any

from crm.access import Role
from crm.models import Business, Customer, Product, Segment, User
from crm.rules.choices import AddressKind
from crm.services import (
    addresses,
    companies,
    follow_ups,
    heartbeat,
    interactions,
    jobs,
    saved_views,
    snapshots,
    subscriptions,
)
from crm.services.exports import asking
from crm.services.imports import drafts, uploads
from feedback.models import Review, ReviewRequest
from feedback.services import moderation, reviews
from feedback.services.reviews import ReviewInput
from insights.choices import Basis, Metric
from insights.services import counting, marks
from loyalty.choices import Fulfilment, RedeemedBy, RewardKind
from loyalty.models import Complement
from loyalty.services import (
    codes,
    complements,
    grants,
    member_links,
    name_days,
    next_purchases,
    rewards,
)
from loyalty.services.code_orders import Use
from messaging import kinds
from messaging.models import Automation, Body, MailGrant, Message
from messaging.rules.choices import Category
from messaging.services import (
    automation_rows,
    automations,
    delivery,
    links,
    pictures,
    planning,
)
from support.models import InboxRule, Mail, Mailbox, RawMail
from support.rules.choices import ChangeAction, MailSource
from support.services import (
    changes,
    contact_form,
    notes,
    receiving,
    saved_replies,
)
from support.services import drafts as writing_drafts
from surveys.models import Invitation, Response, ShareLink, Survey
from surveys.services import responses, share_links, themes
from tests.factories import MessageFactory, UserFactory
from tests.journeys.changed_by_staff import fields_of_staff, merged, tagged
from tests.journeys.people import came_back, everybody, years_before
from tests.journeys.programme_rows import card_of
from tests.journeys.reading import paths_in
from tests.messaging.pictures import png

PASSWORD = "a long enough password"
KINDS = ("survey_after_delivery", "review_request", "anniversary")


@dataclass
class Shop:
    """Rows by the part they play; links as paths of this site."""

    staff: dict[str, User]
    people: dict[str, Customer]
    pks: dict[str, int]
    links: dict[str, str]

    @property
    def owner(self) -> User:
        return self.staff["owner"]


def small_shop(now: datetime, public_url: str = "http://testserver") -> Shop:
    """Needs MAIL_TRANSPORT=outbox. `now` is when the last mails went out."""
    open_business(public_url=public_url)
    staff = {role.value: _staff(role) for role in Role}
    people = everybody(now)
    # As the minute after their last order did.
    next_purchases.process_pending(now=now - timedelta(days=31))
    switch_on(*KINDS, "reorder", now=now - timedelta(days=30))
    planning.sweep(now=now)
    delivery.deliver(now=now)
    _answer(people, staff["owner"], now)
    pks = _rows(people, staff["owner"], now)
    for name in ("beat", "worker"):
        heartbeat.beat(name, now=now)
    shop = Shop(staff=staff, people=people, pks=pks, links=_links(people))
    picture = pictures.put_up(png(), by=staff["owner"], now=now)
    shop.links["picture"] = f"/pictures/{picture.name}"
    return shop


def open_business(**changes: Any) -> None:
    """Quiet hours and the hour of the day must not decide what a test sees."""
    Business.objects.filter(pk=1).update(
        **{
            "name": "Kettle & Leaf",
            "from_name": "Noa, Kettle & Leaf",
            "from_survey": "ask@kettle.example",
            "from_loyalty": "hello@kettle.example",
            "postal_address": "1 Mill Lane, Leeds",
            "public_url": "http://testserver",
            "time_zone": "UTC",
            "language": "en",
            "quiet_from": 0,
            "quiet_until": 0,
            "assumed_delivery_days": 4,
        }
        | changes
    )


def switch_on(*kinds: str, now: datetime, send_hour: int = 0) -> None:
    for automation in Automation.objects.filter(kind__in=kinds):
        Automation.objects.filter(pk=automation.pk).update(send_hour=send_hour)
        automations.switch_on(automation, now=now)


def _staff(role: Role) -> User:
    user = UserFactory(
        email=f"{role.value}@kettle.example", name=role.value.title(), role=role.value
    )
    user.set_password(PASSWORD)
    user.save()
    return user


def _answer(people: dict[str, Customer], owner: User, now: datetime) -> None:
    responses.record_response(
        Invitation.objects.get(customer=people["unhappy"]).pk,
        score=2,
        comment="The bag was open when it came.",
        language="en",
        now=now,
    )
    for name, stars in (("reviewed", 4), ("published", 5)):
        review = reviews.submit_review(
            ReviewRequest.objects.get(customer=people[name]),
            written=ReviewInput(
                stars=stars,
                body="Good coffee, quickly here.",
                name_shown="B.",
                language="en",
            ),
            now=now,
        )
        if name == "published":
            moderation.publish(review, version=review.version, staff=owner, now=now)


def _rows(people: dict[str, Customer], owner: User, now: datetime) -> dict[str, int]:
    """One row of everything that has a page."""
    asked = people["asked"]
    contact = interactions.log_interaction(
        customer=asked,
        channel="call",
        body="Asked about grinders.",
        staff=owner,
        now=now,
    )
    owed = follow_ups.open_follow_up(
        customer_id=asked.pk,
        why="Send the corrected invoice",
        due_on=now.date() - timedelta(days=2),
        assignee=owner,
        now=now - timedelta(days=5),
    )
    automation = Automation.objects.get(kind="anniversary")
    for state, reason in (("uncertain", "no_answer"), ("failed", "render_failed")):
        MessageFactory(
            customer=people["tomorrow"],
            automation=automation,
            kind="anniversary",
            category="loyalty",
            occurrence=f"20{len(state)}",
            why={"on": str(now.date()), "since": str(years_before(now.date()))},
            not_before=now - timedelta(hours=2),
            state=state,
            reason_code=reason,
            final_at=now - timedelta(hours=1),
        )
    export = asking.ask(
        names=["customers"], format_name="csv", filters={}, by=owner, now=now
    )
    while jobs.work(now=now, seconds=60).is_unfinished:
        pass
    export.refresh_from_db()
    assert export.result_id is not None, export.error
    # Otherwise it would wait for the owner on Today.
    jobs.mark_seen(export, by=owner, now=now)
    firm = companies.create_company(name="Kettle Works", domain="k.example", now=now)
    companies.link(firm, asked, role="Buyer", now=now)
    contract, _ = subscriptions.start(
        customer=asked, plan="Coffee each month", value=Decimal(24), now=now,
        started_on=now.date() - timedelta(days=400),
    )  # fmt: skip
    work = addresses.add(
        asked, kind=AddressKind.EMAIL, value="at.work@kettle.example", now=now
    )
    return {
        "customer": asked.pk,
        "address": work.pk,
        "company": firm.pk,
        "product": Product.objects.earliest("pk").pk,
        "subscription": contract.pk,
        "job": export.pk,
        "file": export.result_id,
        **_imports(owner, now),
        "bulk_run": tagged(asked, owner, now),
        **_conversation(asked, owner, now),
        **merged(owner, now),
        **came_back(people["unhappy"], owner, now=now),
        **card_of(asked, owner, now=now),
        "mark": _what_was_counted(owner, now),
        "regular": people["regular"].pk,
        "interaction": contact.pk,
        "follow_up": owed.pk,
        "message": message_to(asked).pk,
        "survey": Survey.objects.get(
            askings__automation__kind="survey_after_delivery"
        ).pk,
        "answer": Response.objects.latest("pk").pk,
        "link": _shared(owner, now).pk,
        "theme": themes.make_theme(name="Delivery", keywords=["late"], now=now).pk,
        "review": Review.objects.get(customer=people["reviewed"]).pk,
        "automation": automation.pk,
        "campaign": automation_rows.create(
            kinds.get("campaign"), name="New Year", now=now
        ).pk,
        "saved_view": saved_views.save(
            name="Kettles", query="q=kettle", is_shared=True, by=owner, now=now
        ).pk,
        "snapshot": snapshots.take(
            Segment.objects.get(shipped="new"), by=owner, now=now
        ).pk,
        "custom_field": fields_of_staff(asked, owner, now),
        "complement": _complement(now).pk,
        "name_days": name_days.load_packaged("austria", now=now).pk,
        "segment": Segment.objects.get(shipped="new").pk,
        **_rewards(asked, owner, now),
        "colleague": UserFactory(email="colleague@kettle.example").pk,
    }


def _complement(now: datetime) -> Complement:
    """Staff chose filters to go with the first product."""
    filters = Product.objects.create(sku="FILTERS", name="Paper filters")
    return complements.choose(Product.objects.earliest("pk"), filters, now=now)


def _rewards(customer: Customer, owner: User, now: datetime) -> dict[str, int]:
    """A reward with codes of the shop, of which one was given and used."""
    reward = rewards.create(
        kind=RewardKind.DISCOUNT, fulfilment=Fulfilment.POOL, words={}, now=now,
        values={"name": "Ten off", "percent": Decimal(10), "is_offer": True,
                "roles": ["owner"], "life_days": 30},
    )  # fmt: skip
    rewards.add_codes(reward, ["KETTLE-0001", "KETTLE-0002"], now=now)
    grant = grants.give_by_hand(
        customer, reward, staff=owner, reason="Waited so long", once="1", now=now
    )
    use = Use(order_key="R-1", via=RedeemedBy.TILL, user=owner)
    used = codes.redeem(grant.code.text, use, now=now)
    letter = rewards.create(
        kind=RewardKind.LETTER, fulfilment=Fulfilment.DESK, words={}, now=now,
        values={"name": "Signed letter", "cost": Decimal(4), "roles": ["owner"],
                "yearly_budget": Decimal(400)},
    )  # fmt: skip
    to_do = grants.give_by_hand(
        customer, letter, staff=owner, reason="Ten years", once="2", now=now
    )
    return {
        "reward": reward.pk,
        "grant": grant.pk,
        "redemption": used.pk,
        "letter": to_do.pk,
    }


def _what_was_counted(owner: User, now: datetime) -> int:
    """Figures of everybody, and a mark among them."""
    counting.count_all()
    mark = marks.make(
        metric=Metric.CHURN, basis=Basis.ORDERS, month=now.date().replace(day=1),
        months=1, words="Wrote to everybody", by=owner, now=now,
    )  # fmt: skip
    return mark.pk


def _imports(owner: User, now: datetime) -> dict[str, int]:
    """A file that waits to be brought in, and the trial of it, over."""
    content = io.BytesIO(b"name,email\nDana Levi,dana.levi@example.org\n")
    file = uploads.take(content, name="people.csv", by=owner, now=now)
    draft = drafts.begin(file, by=owner, now=now)
    run = drafts.try_out(draft, by=owner, now=now)
    jobs.work(now=now, seconds=5)
    jobs.mark_seen(run.job, by=owner, now=now)
    return {"import_draft": draft.pk, "import_run": run.pk}


def _grant() -> MailGrant:
    """Consent that nobody has given yet."""
    return MailGrant.objects.create(
        provider="own", client_id="perennial", scope="mail",
        authorize_url="http://127.0.0.1:1/authorize",
        token_url="http://127.0.0.1:1/token",
    )  # fmt: skip


def _conversation(customer: Customer, owner: User, now: datetime) -> dict[str, int]:
    """A mail with a file in HTML and text, and one that could not be read; an answer
    that is begun, and words for it."""
    mailbox = Mailbox.objects.create(
        name="Help", address="help@kettle.example", host="127.0.0.1", port=1,
        security="none", user="help", grant=_grant(),
        new_from=now - timedelta(days=30), is_on=False, confirmed_at=now,
    )  # fmt: skip
    letter = EmailMessage()
    letter["From"] = f"Dana Levi <{customer.email}>"
    letter["To"], letter["Subject"] = mailbox.address, "Where is my order?"
    letter["Message-ID"] = "<where@example.org>"
    letter.set_content("It was due on Tuesday.\n\nOn Monday, Noa wrote:\n> It left.")
    letter.add_alternative("<p>It was due on <b>Tuesday</b>.</p>", subtype="html")
    letter.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf",
                          filename="invoice.pdf")  # fmt: skip
    for content in (letter.as_bytes(), b"no mail at all\n\n"):
        receiving.receive(content, source=MailSource.IMAP, mailbox=mailbox, now=now)
    mail = Mail.objects.get()
    draft = writing_drafts.begin(author=owner, conversation=mail.conversation, now=now)
    file = writing_drafts.add_file(
        draft, name="a.png", content=b"\x89PNG\r\n\x1a\n", now=now
    )
    notes.add(mail.conversation, words="Ask the carrier.", author=owner, now=now)
    tagged = changes.apply(
        ChangeAction.TAG, changes.tag("Late", now), [mail.conversation_id],
        by=owner, now=now,
    )  # fmt: skip
    saved = saved_replies.save(
        None, name="Thanks", language="", words="Dear {first_name},", owner=None
    )
    saved_file = saved_replies.add_file(
        saved, name="a.pdf", content=b"%PDF-1.4", now=now
    )
    return {
        "draft": draft.pk,
        "draft_file": file.pk,
        "saved_reply": saved.pk,
        "saved_reply_file": saved_file.pk,
        "mailbox": mailbox.pk,
        "conversation": mail.conversation_id,
        "conversation_change": tagged.change.pk,
        "inbox_rule": InboxRule.objects.create(
            name="Parcels", position=1, subject="parcel", kind="order", is_on=False
        ).pk,
        "mail": mail.pk,
        "mail_file": mail.files.get().pk,
        "raw_mail": RawMail.objects.get(state="unreadable").pk,
    }


def _shared(owner: User, now: datetime) -> ShareLink:
    """A link for everybody, to the survey that stands in every shop."""
    return share_links.make(
        Survey.objects.get(askings__automation__kind="survey_after_delivery"),
        name="Till", declared={"till": ["1", "2"]}, embed_origins=[], by=owner,
        now=now,
    )  # fmt: skip


def message_to(customer: Customer, kind: str = "", state: str = "sent") -> Message:
    rows = Message.objects.filter(customer=customer, state=state)
    return (rows.filter(kind=kind) if kind else rows).latest("pk")


def _links(people: dict[str, Customer]) -> dict[str, str]:
    def path(name: str, prefix: str, kind: str = "") -> str:
        body = Body.objects.get(message=message_to(people[name], kind))
        return paths_in(body.text, prefix)

    return {
        "survey": path("asked", "/s/"),
        "survey_too": path("asked_too", "/s/"),
        "survey_hebrew": path("asked_hebrew", "/s/"),
        "review_too": path("reviewer_too", "/r/"),
        "answered": path("unhappy", "/s/"),
        "review": path("reviewer", "/r/"),
        "reviewed": path("reviewed", "/r/"),
        "reminder": path("regular", "/b/", "reorder"),
        "reminder_too": path("regular_too", "/b/", "reorder"),
        "reminder_hebrew": path("regular_hebrew", "/b/", "reorder"),
        "stop": f"/u/{links.stop_token(people['asked'].pk, Category.SURVEY)}/",
        "stop_too": f"/u/{links.stop_token(people['thanked'].pk, Category.LOYALTY)}/",
        "preferences": f"/p/{links.preference_token(people['asked'].pk)}/",
        "member": f"/m/{member_links.token_of(people['asked'].pk)}/",
        "contact": contact_form.path_of(people["asked"].pk),
        "share": f"/a/{ShareLink.objects.latest('pk').token}/",
        "published": "/public/reviews/",
    }
