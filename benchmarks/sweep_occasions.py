"""What makes the kinds of mail due that staff begin from the gallery, for the shop of
`sweep_shop`: one customer in 128 has each occasion on one of the two days, many more
have it on other days of the year.
"""

from decimal import Decimal

from django.db import connection, transaction

from benchmarks.sweep_shop import BEFORE, NOW
from crm.models import User
from crm.services import custom_fields, segments
from loyalty.choices import Fulfilment, ProgrammeKind, RewardKind, Unit
from loyalty.models import Campaign, NameDayCalendar, ProgrammeReward
from loyalty.services import rewards
from loyalty.services.programmes import programmes
from messaging import kinds
from messaging.models import Automation
from messaging.services import automation_rows, automations

# They have a day and people of their own, and begin from a page of their own.
CAMPAIGNS = {"campaign", "survey_campaign"}
# A mail to everybody in the audience: what it writes grows with the shop.
TO_EVERYBODY = CAMPAIGNS | {"new_year", "passover", "survey_on_date"}
# So that what has its day elsewhere in the year falls on 27 or 28 February.
_OFFSETS = {"new_year": 58, "passover": -33, "balance_statement": 27}

DAYS = """
UPDATE crm_customer SET first_order_on = DATE '2024-02-27' + id::int / 128 %% 2
WHERE id %% 128 = 9 AND id <= %(lively)s;
UPDATE crm_customer SET since_on = CASE id %% 128
    WHEN 10 THEN DATE '2021-02-27' WHEN 11 THEN DATE '2026-02-26'
    ELSE DATE '2025-02-27' END + id::int / 128 %% 2
WHERE id %% 128 BETWEEN 10 AND 12 AND id <= %(lively)s;
UPDATE crm_customer SET birth_month = extract(month FROM born),
    birth_day = extract(day FROM born)
FROM (SELECT id AS whose, DATE '2025-02-27' + CASE id %% 128
        WHEN 13 THEN id::int / 128 %% 2 ELSE 2 + id::int %% 360 END AS born
    FROM crm_customer) day
WHERE day.whose = id AND id %% 16 = 13 AND id <= %(lively)s;
UPDATE crm_customer SET given_name = CASE id %% 128
    WHEN 14 THEN 'Ilze' || id / 128 %% 2 ELSE 'Liva' || id %% 300 END
WHERE id %% 16 = 14 AND id <= %(lively)s;
UPDATE crm_customer SET custom = jsonb_build_object(%(field)s::text,
    DATE '2024-02-27' + CASE id %% 128 WHEN 15 THEN id::int / 128 %% 2
        ELSE 2 + id::int %% 360 END)
WHERE id %% 16 = 15 AND id <= %(lively)s;
INSERT INTO messaging_consent (customer_id, category, granted, at, how, source_text,
    wording_version, ip_truncated)
SELECT id, 'birthday', true, %(before)s, 'import', '', '', ''
FROM crm_customer WHERE id %% 16 = 13 AND id <= %(lively)s;
"""
NAMES = """
INSERT INTO loyalty_nameday (calendar_id, name, month, day, is_main)
SELECT calendar.id, found.name, extract(month FROM fell_on), extract(day FROM fell_on),
    true
FROM loyalty_namedaycalendar calendar, (
    SELECT 'Liva' || n, DATE '2025-03-01' + n FROM generate_series(0, 299) n
    UNION ALL SELECT 'Ilze' || n, DATE '2025-02-27' + n FROM generate_series(0, 1) n
) found (name, fell_on);
"""
# What goes with an order of a week ago, and what is of the kind of one of a month ago.
SUGGESTED = """
UPDATE crm_product
SET category = 'Category ' || id %% 100, price = 10, currency = 'GBP';
INSERT INTO loyalty_complement (product_id, goes_with_id, pick)
SELECT id, 2 + (id + n * 700) %% 4000, 'chosen'
FROM crm_product, generate_series(1, 3) n
WHERE id <> 2 + (id + n * 700) %% 4000;
UPDATE crm_order SET state = 'delivered', delivered_on = CASE customer_id %% 128
    WHEN 17 THEN DATE '2026-02-20' ELSE DATE '2026-01-28' END + id::int %% 2
WHERE customer_id %% 128 IN (17, 18) AND customer_id <= %(lively)s AND id %% 3 = 0;
"""
CONVERSATIONS = """
INSERT INTO support_conversation (customer_id, subject, state, opened_at, last_mail_at,
    closed_at, closed_by_id)
SELECT id, '', 'closed', at, at, at, %(user)s
FROM crm_customer, LATERAL (SELECT TIMESTAMPTZ '2026-02-26 10:00Z' - make_interval(
    days => CASE id %% 128 WHEN 19 THEN -(id::int / 128 %% 2)
        ELSE 2 + id::int %% 300 END)) AS day (at)
WHERE id %% 128 BETWEEN 19 AND 26 AND id <= %(lively)s;
INSERT INTO support_mail (conversation_id, customer_id, direction, fingerprint,
    message_id, from_name, from_address, subject, text, html, at, stored_at)
SELECT id, customer_id, 'in', encode(sha256(id::text::bytea), 'hex'), '', '', '', '',
    '', '', opened_at, opened_at
FROM support_conversation;
INSERT INTO surveys_askrequest (survey_id, customer_id, key, requested_at)
SELECT asking.survey_id, customer.id, 'asked', TIMESTAMPTZ '2026-02-26 12:00Z'
    - make_interval(days => CASE customer.id %% 128 WHEN 27 THEN 0
        ELSE 4 + customer.id::int %% 300 END)
FROM crm_customer customer, surveys_asking asking
JOIN messaging_automation automation ON automation.id = asking.automation_id
WHERE automation.kind = 'survey_on_request'
  AND customer.id %% 128 BETWEEN 27 AND 30 AND customer.id <= %(lively)s;
INSERT INTO surveys_response (id, survey_id, survey_version_id, customer_id, channel,
    import_key, scale, score, state, first_at, confirmed_at, changeable_until, language)
SELECT customer.id, survey.id, survey.live_version_id, customer.id, 'import',
    'R' || customer.id, 'nps', 3, 'confirmed', at, at, at, 'en'
FROM crm_customer customer, (SELECT * FROM surveys_survey
    WHERE live_version_id IS NOT NULL ORDER BY id LIMIT 1) survey,
    LATERAL (SELECT TIMESTAMPTZ '2026-01-10 10:00Z') AS day (at)
WHERE customer.id %% 128 BETWEEN 33 AND 40 AND customer.id <= %(lively)s;
INSERT INTO crm_followup (customer_id, why, source_key, due_on, state, created_at,
    done_at, done_by_id, outcome)
SELECT customer_id, '', 'response:' || id, first_at::date, 'done', first_at,
    TIMESTAMPTZ '2026-01-28 10:00Z' + make_interval(days => CASE customer_id %% 128
        WHEN 33 THEN customer_id::int / 128 %% 2 ELSE -2 - customer_id::int %% 16 END),
    %(user)s, ''
FROM surveys_response;
"""
# One in sixteen takes part; entries stand in the order in which they were written.
MEMBERS = """
INSERT INTO loyalty_membership (programme_id, customer_id, joined_at, balance, owed,
    active_on)
SELECT %(programme)s, id, TIMESTAMPTZ '2025-01-01 00:00Z',
    CASE id %% 128 WHEN 39 THEN 130 ELSE 45 END, 0, DATE '2026-01-01'
FROM crm_customer WHERE id %% 16 = 7 AND id <= %(lively)s;
INSERT INTO loyalty_entry (membership_id, kind, amount, source_key, "on", available_on,
    expires_on, at)
SELECT membership, 'earned', amount, 'order:' || membership * 100 + n || ':rule:1:1',
    at::date, CASE WHEN n = 3 AND customer %% 128 = 39 THEN DATE '2026-02-27'
        + customer::int / 128 %% 2 ELSE at::date + 14 END,
    CASE WHEN n = 1 AND customer %% 128 = 55 THEN DATE '2026-03-29'
        ELSE DATE '2027-01-01' + customer::int %% 300 END, at
FROM (SELECT member.id AS membership, member.customer_id AS customer, n,
        CASE WHEN n = 3 AND member.customer_id %% 128 = 39 THEN 100
            ELSE 15 END AS amount,
        CASE WHEN n = 3 AND member.customer_id %% 128 = 23
            THEN TIMESTAMPTZ '2026-02-26 09:00Z'
            ELSE TIMESTAMPTZ '2026-02-10 09:00Z' - make_interval(
                days => (member.customer_id::int * 7 + n * 100) %% 340) END AS at
    FROM loyalty_membership member, generate_series(1, 3) n) earned
ORDER BY earned.at;
INSERT INTO loyalty_lot (entry_id, membership_id, "left", available_on, expires_on)
SELECT id, membership_id, amount, available_on, expires_on FROM loyalty_entry;
"""
# One in eight buys coffee every thirty days. Whatever the rule makes of that, as many
# are reminded as of two days.
REORDERS = """
INSERT INTO loyalty_nextpurchase (customer_id, product_id, last_on, days, due_on,
    intervals, basis)
SELECT customer_id, 1, max(ordered_on), 30,
    DATE '2026-02-27' + customer_id::int / 8 % 4, 2, 'own'
FROM crm_orderline WHERE customer_id % 8 = 1 AND product_id = 1 GROUP BY customer_id
ON CONFLICT (customer_id, product_id) DO UPDATE SET due_on = excluded.due_on,
    last_on = excluded.last_on, days = excluded.days, intervals = 2, basis = 'own'
"""


def add(lively: int) -> None:
    """Occasions for the first so many customers, and every automation on."""
    by = User.objects.create(email="ana@example.org", name="Ana", role="owner")
    _have_automations(by)
    programme = _have_a_programme()
    field = custom_fields.create(label="Renewal", kind="date", by=by, now=BEFORE)
    Automation.objects.filter(kind="custom_date").update(params={"field": field.pk})
    for country in ("GB", "IL", "TW", "US"):
        NameDayCalendar.objects.create(
            name=country, country=country, source="-", licence="-", created_at=BEFORE
        )
    values = {
        "lively": lively,
        "before": BEFORE,
        "field": field.key,
        "user": by.pk,
        "programme": programme,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        # Our own rows have valid foreign keys: no need to check them.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statements in (DAYS, NAMES, SUGGESTED, CONVERSATIONS, MEMBERS):
            for statement in statements.split(";\n"):
                if statement.strip():
                    cursor.execute(statement, values)


def expect_reorders() -> None:
    """After the upkeep: what is to be bought again on these days and the two behind."""
    with connection.cursor() as cursor:
        cursor.execute(REORDERS)
        cursor.execute("VACUUM ANALYZE loyalty_nextpurchase")


def _have_automations(by: User) -> None:
    """One of each kind that has none yet, switched on."""
    israel = segments.create(
        name="In Israel",
        conditions={
            "match": "all",
            "parts": [{"field": "country", "is": "any_of", "values": ["IL"]}],
        },
        by=by,
        now=BEFORE,
    )
    there = set(Automation.objects.values_list("kind", flat=True))
    for kind in kinds.swept_kinds():
        if kind.name in there:
            continue
        made = automation_rows.create(kind, now=BEFORE)
        rows = Automation.objects.filter(pk=made.pk)
        rows.update(offset_days=_OFFSETS.get(kind.name, made.offset_days))
        if kind.name in TO_EVERYBODY - {"new_year"}:
            rows.update(audience=f"segment={israel.pk}")
        if kind.name == "survey_on_date":
            rows.update(params={"month": "2", "day": "28"})
        if kind.name == "balance_earned":
            rows.update(params={"every": "day"})
        if kind.name in CAMPAIGNS:
            _let_it_go(made, by)
        else:
            made.refresh_from_db()
            automations.switch_on(made, now=BEFORE)


def _let_it_go(automation: Automation, by: User) -> None:
    """As a campaign is that somebody has started, whatever its words are."""
    Campaign.objects.filter(pk=automation.pk).update(
        state="going", on=NOW.date(), started_by=by, started_at=BEFORE
    )
    rows = Automation.objects.filter(pk=automation.pk)
    rows.update(is_on=True, switched_on_at=BEFORE)


def _have_a_programme() -> int:
    """Its id: of points, with one reward for a hundred of them."""
    programme = programmes.create(
        kind=ProgrammeKind.POINTS,
        unit=Unit.POINTS,
        values={"name": "Points", "worth": Decimal("0.01")},
        now=BEFORE,
    )
    reward = rewards.create(
        kind=RewardKind.LETTER,
        fulfilment=Fulfilment.DESK,
        values={"name": "Letter"},
        words={},
        now=BEFORE,
    )
    ProgrammeReward.objects.create(
        programme=programme, reward=reward, price=Decimal(100)
    )
    programmes.switch_on(programme, now=BEFORE)
    return programme.pk
