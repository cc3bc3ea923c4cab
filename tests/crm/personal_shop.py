"""A person about whom every table of the shop holds something."""

import io
import json
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from urllib.parse import urlencode

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from crm.access import Capability
from crm.models import (
    ApiAnswer,
    ApiToken,
    AuditEntry,
    BulkRow,
    BulkRun,
    Company,
    CompanyPerson,
    CustomerAddress,
    CustomerMerge,
    DifferentPeople,
    FollowUp,
    ImportDraft,
    ImportedRow,
    ImportMapping,
    ImportRun,
    Interaction,
    InteractionVersion,
    Job,
    LikelyPair,
    MergeMove,
    OrderLine,
    ReturnChoice,
    ReturnMatch,
    SavedView,
    Segment,
    SegmentEvent,
    SegmentMember,
    SegmentSnapshot,
    SnapshotMember,
    StaleReturn,
    Subscription,
    SubscriptionChange,
    Tag,
    UnmatchedReturn,
)
from crm.services import files, order_sums
from feedback.models import ReviewVersion
from insights import models as insights
from loyalty.choices import EarnEvent, EntryKind, ProgrammeKind, Unit
from loyalty.models import (
    Code,
    EntryNote,
    Grant,
    NextPurchase,
    Redemption,
    ReminderItem,
    ReorderRefusal,
    Reward,
    Silence,
    StaleCustomer,
    StaleMember,
    SuggestionRefusal,
)
from loyalty.services.programmes import (
    members,
    posting,
    programmes,
    rules,
    spending,
)
from loyalty.services.programmes.posting import Posting
from loyalty.services.programmes.spending import Wanted
from messaging.models import (
    Body,
    Circuit,
    Consent,
    Forecast,
    ForecastPerson,
    Hold,
    Link,
    Message,
    Refusal,
    Run,
)
from messaging.services import versions
from support.models import (
    BlockedSender,
    Conversation,
    ConversationContact,
    ConversationFollowUp,
    ConversationTag,
    Draft,
    DraftFile,
    Mail,
    MailFile,
    Mention,
    Note,
    Notice,
    RawMail,
    Tagging,
)
from surveys.models import (
    Answer,
    AskRequest,
    CommentReading,
    Press,
    ReferralWish,
    ResponseTheme,
    ResponseVersion,
    ScheduledAsk,
    Theme,
)
from tests.factories import (
    NOW,
    AutomationFactory,
    CustomerFactory,
    MessageFactory,
    OrderFactory,
    ProductFactory,
    ResponseFactory,
    ReviewFactory,
    ReviewRequestFactory,
    UserFactory,
)

LATER = NOW + timedelta(days=30)


def customer_with_everything(mark="Zanzibar"):
    """One row at least of every model that a `personal_data.py` declares; each text
    that is no word of ours begins with `mark`."""
    early = CustomerFactory()
    dana = CustomerFactory(
        external_id=f"{mark}@id", given_name=mark, family_name=f"{mark}f",
        greeting_name=mark, email=f"{mark}@example.org", phone_text=f"{mark} 5",
        phone_e164=f"+{mark}", organisation=f"{mark} Ltd", notes=f"{mark} notes",
        heard_from=f"{mark} h", heard_text=f"{mark} ht", time_zone=f"{mark}/Zone",
        birth_month=5, birth_day=12, birth_year=1980, birth_recorded_at=NOW,
        search_text=mark.lower(), custom={"size": f"{mark} XL"}, country="IL",
        mail_ground=f"{mark} card", postcode=f"{mark} pc",
        recipient=f"{mark} rc", street=f"{mark} st", street_extra=f"{mark} se",
        city=f"{mark} ci", region=f"{mark} re",
    )  # fmt: skip
    CompanyPerson.objects.create(
        company=Company.objects.create(name="A firm", created_at=NOW, updated_at=NOW),
        customer=dana, role=f"{mark} buyer", created_at=NOW,
    )  # fmt: skip
    CustomerAddress.objects.create(
        customer=dana, kind="email", value=f"{mark}2@example.org", label=f"{mark} l",
        norm=f"{mark}2@example.org", created_at=NOW,
    )  # fmt: skip
    dana.tags.add(Tag.objects.create(name=f"{mark} tag"))
    _contact(dana, mark)
    _looks_like(dana, early)
    order = _what_was_bought(dana, mark)
    order_sums.count([dana.pk])
    message = _what_was_written(dana, mark)
    _what_they_allowed(dana, mark)
    _what_they_answered(dana, order, message, mark)
    _what_we_wrote_to_each_other(dana, mark)
    return dana


def _contact(dana, mark):
    contact = Interaction.objects.create(
        customer=dana, channel="call", direction="inbound", happened_at=NOW,
        created_at=NOW, subject=f"{mark} s", body=f"{mark} b", outcome=f"{mark} o",
        source_key=f"{mark} k", staff_name=f"{mark} sn",
    )  # fmt: skip
    InteractionVersion.objects.create(
        interaction=contact, version=1, subject=f"{mark} vs", body=f"{mark} vb",
        outcome=f"{mark} vo", replaced_at=NOW,
    )  # fmt: skip
    FollowUp.objects.create(
        customer=dana, why=f"{mark} why", outcome=f"{mark} out", due_on=NOW.date(),
        source_key=f"{mark} fk", created_at=NOW,
    )  # fmt: skip
    ImportedRow.objects.create(
        run=ImportRun.objects.create(
            kind="customers", source="main", file_name="people.csv", started_at=NOW
        ),
        what="customer",
        row_id=dana.pk,
        customer_id=dana.pk,
        before={"given_name": mark},
        after={"given_name": f"{mark} anew"},
        kept=f"{mark} kept",
    )
    _merged_before(dana, mark)
    BulkRow.objects.create(
        run=BulkRun.objects.create(action="field", created_at=NOW),
        customer_id=dana.pk,
        is_changed=True,
        before=f"{mark} before",
    )
    group = Segment.objects.get(shipped="new")
    SegmentMember.objects.create(segment=group, customer=dana)
    SegmentEvent.objects.create(segment=group, customer=dana, move="entered", at=NOW)
    kept, _ = SegmentSnapshot.objects.get_or_create(
        segment=group, day=NOW.date(), taken_at=NOW
    )
    SnapshotMember.objects.create(snapshot=kept, customer=dana)
    AuditEntry.objects.create(
        at=NOW, actor_kind="system", via="web", action="customer.changed",
        subject=f"customer:{dana.pk}", customer_id=dana.pk, fields=["email"],
    )  # fmt: skip
    LogEntry.objects.create(
        user=UserFactory(), content_type=ContentType.objects.get_for_model(dana),
        object_id=str(dana.pk), object_repr=f"{mark} Levi", action_flag=CHANGE,
        change_message=f"{mark}",
    )  # fmt: skip
    token = ApiToken.objects.create(
        name="till", prefix="p", token_hash=mark.encode(), created_at=NOW
    )
    output = {"id": dana.pk, "external_id": "C", "given_name": f"{mark} given"}
    heard = {"id": contact.pk, "customer": dana.pk, "body": f"{mark} body"}
    for key, body in (("a", output), ("b", heard)):
        ApiAnswer.objects.create(
            token=token, key=key, request_hash=b"h", status=201, body=json.dumps(body),
            created_at=NOW,
        )  # fmt: skip


def _merged_before(dana, mark):
    """One that was undone since, so that what it names is a person of its own."""
    merge = CustomerMerge.objects.create(
        kept=dana, dropped=CustomerFactory(), merged_at=NOW, undone_at=NOW,
        before={"given_name": f"{mark} was"}, after={"given_name": f"{mark} became"},
        last_ids={"messages": f"{mark} 1"},
    )  # fmt: skip
    MergeMove.objects.create(
        merge=merge, rows=f"{mark} rows", row_id=1, before={"occurrence": mark}
    )


def _looks_like(dana, early):
    for first, second in ((early, dana), (dana, CustomerFactory())):
        LikelyPair.objects.create(
            first=first, second=second, reasons=["email"], strength=4, found_at=NOW
        )
        DifferentPeople.objects.create(first=first, second=second, said_at=NOW)


def _what_was_bought(dana, mark):
    order, tea = OrderFactory(customer=dana), ProductFactory()
    OrderLine.objects.create(
        order=order, line_key="1", customer=dana, product=tea, ordered_on=NOW.date(),
        quantity=2, unit_price=12, amount=24, nature="purchase",
    )  # fmt: skip
    _what_came_back(order, tea)
    contract = Subscription.objects.create(
        customer=dana, external_id=f"{mark} con", plan="Pro", currency="EUR", value=5,
        started_on=NOW.date(), state="cancelled", cancelled_on=NOW.date(),
        reason=f"{mark} why", created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    SubscriptionChange.objects.create(
        subscription=contract, customer=dana, kind="cancelled", plan="Pro", value=0,
        happened_on=NOW.date(), happened_at=NOW, reason=f"{mark} cr",
    )  # fmt: skip
    StaleCustomer.objects.create(customer=dana, marked_at=NOW)
    insights.StaleCustomer.objects.create(customer=dana, marked_at=NOW)
    insights.Buyer.objects.create(customer=dana, days=[NOW.date()])
    insights.Spending.objects.create(
        customer=dana,
        basis="orders",
        currency="EUR",
        months=[NOW.date().replace(day=1)],
        totals=[10],
        sales=[1],
    )
    insights.Spell.objects.create(
        customer=dana, basis="orders", number=1, starts_on=NOW.date(),
        ends_on=LATER.date(), source=mark,
    )  # fmt: skip
    NextPurchase.objects.create(
        customer=dana, product=tea, last_on=NOW.date(), days=30, intervals=3,
        due_on=LATER.date(), basis="own",
    )  # fmt: skip
    Silence.objects.create(
        customer=dana, last_on=NOW.date(), usual_gap=30, silent_on=LATER.date()
    )
    ReorderRefusal.objects.create(customer=dana, product=tea, made_at=NOW)
    SuggestionRefusal.objects.create(customer=dana, product=tea, made_at=NOW)
    return order


def _what_came_back(order, tea):
    back = OrderFactory(customer=order.customer, nature="return", total=-12)
    OrderLine.objects.create(
        order=back, line_key="1", customer=order.customer, product=tea,
        ordered_on=NOW.date(), quantity=-1, unit_price=12, amount=-12, nature="return",
        returned_order=order.external_id, returned_line="1",
    )  # fmt: skip
    ReturnMatch.objects.create(
        returned=back, returned_line="1", order=order, line="1", quantity=1,
        basis="named",
    )  # fmt: skip
    UnmatchedReturn.objects.create(
        returned=back, returned_line="2", returned_on=NOW.date(), quantity=1,
        reason="no_purchase",
    )  # fmt: skip
    ReturnChoice.objects.create(
        returned=back, returned_line="2", order=order, line="1",
        made_by=UserFactory(), made_at=NOW,
    )  # fmt: skip
    StaleReturn.objects.create(customer=order.customer, marked_at=NOW)


def _what_was_written(dana, mark):
    automation = AutomationFactory(kind="anniversary", is_on=False)
    run = Run.objects.create(
        automation=automation, customer=dana, occurrence="1", started_at=NOW,
        version=automation.versions.latest("number"), next_on=LATER.date(),
    )  # fmt: skip
    message = MessageFactory(
        customer=dana, state="sent", final_at=NOW, smtp_text=f"250 {mark} ok", run=run
    )
    Body.objects.create(
        message=message, subject=f"{mark} sub", text=f"{mark} t", html=f"{mark} h",
        stored_at=NOW,
    )  # fmt: skip
    bare = MessageFactory(
        customer=None, address=dana.email_norm, category="transactional",
        smtp_text=f"{mark}",
    )  # fmt: skip
    Body.objects.create(
        message=bare, subject=f"{mark}", text="", html="", stored_at=NOW
    )
    MessageFactory(customer=dana)
    Link.objects.create(
        token_hash=mark.encode(), purpose="survey", customer=dana, subject_id=1,
        message=message, expires_at=LATER,
    )  # fmt: skip
    circuit, _ = Circuit.objects.update_or_create(
        transport="smtp", defaults={"smtp_text": f"550 {mark}", "refused": message}
    )
    Refusal.objects.create(circuit=circuit, message=message, refused_at=NOW)
    ForecastPerson.objects.create(
        forecast=Forecast.objects.get_or_create(
            automation=None, defaults={"made_at": NOW, "seconds": 0}
        )[0],
        customer=dana, alike=1,
    )  # fmt: skip
    tea = NextPurchase.objects.get(customer=dana).product
    ReminderItem.objects.create(
        customer=dana, product=tea, last_on=NOW.date(), due_on=LATER.date(),
        message=message,
    )  # fmt: skip
    _what_they_were_given(dana, message, mark)
    return message


def _what_they_were_given(dana, message, mark):
    reward = Reward.objects.create(
        name=f"Tea {Reward.objects.count()}", kind="sample", fulfilment="code",
        currency="EUR", created_at=NOW,
    )  # fmt: skip
    grant = Grant.objects.create(
        customer=dana, reward=reward, state="done", source="automation",
        source_key="anniversary:2026:1", message=message, granted_at=NOW,
        reason=f"{mark} reason", note=f"{mark} gn", currency="EUR", year=2026,
        ended_at=NOW,
    )  # fmt: skip
    code = Code.objects.create(
        reward=reward, grant=grant, text=f"TEA-{reward.pk:06}",
        key=f"TEA{reward.pk:06}", added_at=NOW,
    )  # fmt: skip
    Redemption.objects.create(
        code=code, order_key="R-1", state="redeemed", made_at=NOW, redeemed_at=NOW,
        via="till",
    )  # fmt: skip
    _what_they_earned(dana, mark)


def _what_they_earned(dana, mark):
    programme = programmes.create(
        kind=ProgrammeKind.POINTS, unit=Unit.POINTS, now=NOW,
        values={"name": f"Points {Reward.objects.count()}"},
    )  # fmt: skip
    rules.add(programme, event=EarnEvent.ORDER, values={"units": 1}, now=NOW)
    programmes.switch_on(programme, now=NOW)
    member = members.member_of(programme, dana, now=NOW)
    (entry,) = posting.post(
        [Posting(membership=member.pk, kind=EntryKind.IMPORTED, amount=Decimal(5),
                 source_key="import:1", on=NOW.date(), available_on=NOW.date())],
        today=NOW.date(), now=NOW,
    )  # fmt: skip
    EntryNote.objects.create(entry=entry, text=f"{mark} reason")
    spending.spend(member, Wanted(amount=Decimal(2), key="a"), now=NOW)
    insights.Held.objects.create(
        programme=member.programme, customer=dana, membership=member,
        first_month=NOW.date().replace(day=1),
    )  # fmt: skip
    StaleMember.objects.get_or_create(customer=dana, defaults={"marked_at": NOW})


def _what_they_allowed(dana, mark):
    Consent.objects.create(
        customer=dana, category="marketing", granted=True, at=NOW, how="staff",
        source_text=f"{mark} said so", ip_truncated=f"{mark}", source_key=f"{mark} c",
    )  # fmt: skip
    Hold.objects.create(
        customer=dana, categories=["survey"], reason="complaint", placed_at=NOW,
        source_key=f"{mark} hold",
    )  # fmt: skip


def _what_they_answered(dana, order, message, mark):
    answer = ResponseFactory(
        invitation__customer=dana, comment=f"{mark} comment",
        invitation__message=None, invitation__order=order,
    )  # fmt: skip
    asking = answer.survey.askings.get()
    Press.objects.create(
        invitation=answer.invitation, pressed_at=NOW, choice=f"{mark} choice",
        agent=f"{mark} agent",
        network=f"{mark} net",
    )  # fmt: skip
    ScheduledAsk.objects.create(asking=asking, customer=dana, next_on=LATER.date())
    AskRequest.objects.create(
        survey=asking.survey, customer=dana, key=f"{mark} request", requested_at=NOW
    )
    Answer.objects.create(
        response=answer, question="more", kind="long", text=f"{mark} more"
    )
    CommentReading.objects.create(
        response=answer,
        search_text=f"{mark} comment",
        is_read=True,
        language=f"{mark} l"[:10],
    )
    theme, _ = Theme.objects.get_or_create(name="Delivery")
    ResponseTheme.objects.create(response=answer, theme=theme, by="staff")
    ReferralWish.objects.create(response=answer, wished_at=NOW)
    ResponseVersion.objects.create(
        response=answer,
        version=1,
        score=3,
        comment=f"{mark} old",
        replaced_at=NOW,
        answers={"more": {"text": f"{mark} before"}},
    )
    request = ReviewRequestFactory(order=order, state="answered")
    review = ReviewFactory(
        request=request, body=f"{mark} body", name_shown=f"{mark} n",
        moderation_note=f"{mark} note",
    )  # fmt: skip
    ReviewVersion.objects.create(
        review=review, version=1, stars=1, body=f"{mark} rb", name_shown=f"{mark} rn",
        replaced_at=NOW,
    )  # fmt: skip
    assert Message.objects.filter(customer=dana).exists()


def _what_we_wrote_to_each_other(dana, mark):
    conversation = Conversation.objects.create(
        customer=dana, address=f"{mark}@example.org", subject=f"{mark} subject",
        opened_at=NOW, last_mail_at=NOW, state="closed", closed_at=NOW,
        outcome=f"{mark} outcome",
    )  # fmt: skip
    Tagging.objects.create(
        conversation=conversation,
        tag=ConversationTag.objects.create(name=f"{mark} case"),
    )
    raw = RawMail.objects.create(
        key=f"mails/{mark}", sha256=sha256(mark.encode()).hexdigest(), size=1,
        source="imap", state="read", arrived_at=NOW, stored_at=NOW,
        provider_checks={"spf": mark},
    )  # fmt: skip
    people = [[f"{mark} name", f"{mark}@example.org"]]
    mail = Mail.objects.create(
        conversation=conversation, customer=dana, raw=raw, direction="in",
        fingerprint=raw.sha256, message_id=f"{mark}@id", references=[f"{mark}@ref"],
        from_name=f"{mark} name", from_address=f"{mark}@example.org", to=people,
        cc=people, reply_to=people, subject=f"{mark} subject", text=f"{mark} text",
        quoted=f"{mark} quoted", html=f"{mark} html", auth={"spf": mark}, at=NOW,
        stored_at=NOW, search_text=f"{mark} st",
    )  # fmt: skip
    MailFile.objects.create(
        mail=mail, key=f"mails/{mark}-file", name=f"{mark}.pdf", size=1,
        content_type=f"{mark}/x", sha256=raw.sha256, content_id=f"{mark}@cid",
    )  # fmt: skip
    interaction, follow_up = (
        model.objects.filter(customer=dana).first() for model in (Interaction, FollowUp)
    )
    ConversationContact.objects.create(
        interaction=interaction, conversation=conversation
    )
    ConversationFollowUp.objects.create(follow_up=follow_up, conversation=conversation)
    note = Note.objects.create(conversation=conversation, text=f"{mark} note", at=NOW)
    Notice.objects.create(
        conversation=conversation, user=UserFactory(), event="mention", way="mail",
        at=NOW,
    )  # fmt: skip
    Mention.objects.create(note=note, user=UserFactory())
    draft = Draft.objects.create(
        author=UserFactory(), conversation=conversation, customer=dana,
        to=f"{mark}@to.example", cc=f"{mark} cc", bcc=f"{mark} bcc",
        subject=f"{mark} ds", text=f"{mark} dt", held_back=f"{mark} hb",
        quoted=f"{mark} dq", about=f"{mark}:1",
        begun_at=NOW, changed_at=NOW,
    )  # fmt: skip
    DraftFile.objects.create(
        draft=draft, key=f"mails/{mark}-draft", name=f"{mark}.doc", size=1,
        content_type=f"{mark}/y", sha256=raw.sha256,
    )  # fmt: skip


def what_names_them(mark="Zanzibar"):
    """Rows that belong to nobody and may name or hold anybody: erasure empties them."""
    _what_staff_typed(mark)
    SavedView.objects.create(
        name=f"{mark} alone", query=f"q={mark}", owner=UserFactory(), created_at=NOW
    )
    BlockedSender.objects.create(address=f"{mark}@example.org".lower(), blocked_at=NOW)
    file = files.store(
        io.BytesIO(f"name\n{mark}\n".encode()), name=f"{mark} people.csv",
        content_type="text/csv", capability=Capability.IMPORT_DATA, by=None, now=NOW,
    )  # fmt: skip
    cells = {"problems": [{"cells": [mark]}], "notes": {mark: 1}, "proposals": [mark]}
    ended = Job.objects.create(
        kind="import", state="done", options={"file": f"{mark} people.csv"},
        position={"report": cells}, created_at=NOW, finished_at=NOW,
    )  # fmt: skip
    ImportRun.objects.create(
        kind="customers", source="main", file_name=f"{mark} people.csv", started_at=NOW,
        samples=[mark], examples={"a": [mark]}, problems=[{"cells": [mark]}], job=ended,
        file=file, state="done", finished_at=NOW, ignored=[mark],
        options={"mapping": {"name": mark}},
    )  # fmt: skip
    ImportDraft.objects.create(
        file=file, kind="customers", preview={"rows": [[mark]]}, created_at=NOW,
        changed_at=NOW,
    )  # fmt: skip
    Job.objects.create(
        kind="import", state="running", options={"file": f"{mark} people.csv"},
        position={"report": cells, "parts": {"samples": [mark]}}, created_at=NOW,
    )  # fmt: skip
    change = Job.objects.create(kind="bulk", options={"run": 1}, created_at=NOW)
    BulkRun.objects.create(
        action="tag",
        audience=f"tag=VIP&q={mark}",
        created_at=NOW,
        job=change,
        options={"tag": 1, "name": f"{mark} friends"},
    )
    made = files.store(
        io.BytesIO(mark.encode()), name="customers.csv", content_type="text/csv",
        capability=Capability.EXPORT_DATA, by=None, now=NOW,
    )  # fmt: skip
    Job.objects.create(
        kind="export", state="done", reason=f"{mark} asked", result=made,
        options={"datasets": ["customers"], "format": "csv", "filters": {"q": mark}},
        created_at=NOW, finished_at=NOW,
    )  # fmt: skip


def _what_staff_typed(mark):
    """Texts of the shop in which a name or an address stands."""
    address = f"{mark}@example.org"
    inner = {"field": "heard_from", "is": "contains", "values": [f"{mark} h"]}
    Segment.objects.create(
        name=f"Not {mark}", description=f"Everybody but {mark}", created_at=NOW,
        updated_at=NOW, conditions={"match": "all", "parts": [
            {"field": "search", "is": "contains", "values": [address]},
            {"match": "none", "parts": [inner]},
        ]},
    )  # fmt: skip
    automation = AutomationFactory(kind="anniversary", is_on=False)
    automation.audience = urlencode({"q": address})
    automation.version += 1
    automation.save()
    versions.write(automation, now=NOW)
    # The header of a file without one is its first person.
    ImportMapping.objects.create(
        header_sha256=sha256(mark.encode()).hexdigest(), source="main",
        kind="customers", confirmed_at=NOW,
        options={"mapping": {"email": address}, "value_map": {"tags": {mark: ""}}},
    )  # fmt: skip
