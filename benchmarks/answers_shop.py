"""Customers who were asked, by the million: made with SQL, forgotten between rounds."""

from django.db import connection
from django.utils import timezone

from crm.models import Business, Product
from messaging.services import automations
from surveys.choices import VersionState
from surveys.models import Survey, SurveyVersion
from surveys.rules import questionnaire as q
from surveys.services.askings import ensure_askings

# Every second one is asked about an order, the others about the shop.
SEED = """
    INSERT INTO crm_customer (source, external_id, given_name, family_name,
        greeting_name, sort_name, search_text, email, email_norm, phone_e164,
        phone_text, language, time_zone, country, since_from, heard_from, heard_text,
        organisation, notes, custom, created_at, updated_at, version, mail_ground)
    SELECT 'main', 'A' || n, 'Dana', 'Levi ' || n, 'Dana', 'levi ' || n, 'dana levi',
        'a' || n || '@example.org', 'a' || n || '@example.org', '', '', 'en', '', 'GB',
        'entered', '', '', '', '', '{}', now(), now(), 1, 'Bought'
    FROM generate_series(%(first)s::int, %(last)s::int) n;
    INSERT INTO crm_order (source, external_id, number, customer_id, nature, state,
        ordered_at, ordered_on, delivered_on, currency, total)
    SELECT 'main', 'O' || id, id, id, 'sale', 'placed', now(), current_date - 9,
        current_date - 5, 'GBP', 24
    FROM crm_customer WHERE id %% 2 = 0 AND id >= %(first)s;
    INSERT INTO crm_orderline (order_id, line_key, customer_id, product_id, ordered_on,
        quantity, unit_price, amount, nature)
    SELECT o.id, line, o.customer_id, p.id, o.ordered_on, 1, 12, 12, 'purchase'
    FROM crm_order o, generate_series(1, 2) line,
        LATERAL (SELECT id FROM crm_product WHERE sku = 'SKU-' || line) p
    WHERE o.customer_id >= %(first)s;
    INSERT INTO surveys_invitation (survey_id, asking_id, customer_id, occurrence,
        order_id, invited_at, expires_at, state)
    SELECT a.survey_id, a.id, c.id, 'seeded', o.id, now() - interval '1 hour',
        now() + interval '30 days', 'open'
    FROM crm_customer c LEFT JOIN crm_order o ON o.customer_id = c.id
    JOIN messaging_automation m ON m.kind =
        CASE WHEN o.id IS NULL THEN 'survey_regularly' ELSE 'survey_after_delivery' END
    JOIN surveys_asking a ON a.automation_id = m.id
    WHERE c.id >= %(first)s;
    INSERT INTO messaging_link
        (token_hash, purpose, customer_id, subject_id, expires_at)
    SELECT sha256(lpad(customer_id::text, 32, '0')::bytea), 'survey', customer_id, id,
        now() + interval '60 days'
    FROM surveys_invitation WHERE customer_id >= %(first)s;
"""
FORGET = (
    # With everything that hangs on an answer or a task.
    "TRUNCATE surveys_celldelta, surveys_response, crm_followup CASCADE",
    "UPDATE surveys_invitation SET state = 'open' WHERE state <> 'open'",
    "VACUUM (ANALYZE) surveys_invitation",
    "CHECKPOINT",
)
TABLES = "crm_customer crm_order crm_orderline surveys_invitation messaging_link"


GOOD = {
    "product": "The product",
    "delivery": "The delivery",
    "service": "Help from people",
    "price": "The price",
}
FOUR = q.Questionnaire(
    (
        *q.NPS.questions,
        q.Question(
            "good",
            q.QuestionKind.CHOICES,
            texts={"en": {"title": "What did you like?"}},
            choices=tuple(q.Choice(key, {"en": said}) for key, said in GOOD.items()),
        ),
        q.Question(
            "missing",
            q.QuestionKind.SHORT,
            texts={"en": {"title": "What should we offer that we do not have?"}},
        ),
    )
)


def open_shop() -> None:
    Business.objects.update(name="Kettle & Leaf", time_zone="Europe/London")
    automations.ensure_automations()
    ensure_askings(now=timezone.now())
    Product.objects.bulk_create(
        Product(sku=f"SKU-{line}", name=f"Ethiopia {line} kg") for line in (1, 2)
    )


def publish_four() -> None:
    """From here on every survey asks four questions."""
    for survey in Survey.objects.filter(live_version__isnull=False):
        survey.live_version = SurveyVersion.objects.create(
            survey=survey,
            number=survey.versions.count() + 1,
            state=VersionState.PUBLISHED.value,
            content=q.to_json(FOUR),
            made_at=timezone.now(),
            published_at=timezone.now(),
        )
        survey.save(update_fields=["live_version"])


def ask(first: int, last: int) -> None:
    """Customers with these numbers, each with an invitation and its link."""
    for statement in SEED.split(";\n")[:-1]:
        run(statement, {"first": first, "last": last})
    run(f"VACUUM (ANALYZE) {', '.join(TABLES.split())}")


def forget() -> None:
    """Remove all answers: the next contender begins where the first did."""
    for statement in FORGET:
        run(statement)


def tokens(count: int) -> list[str]:
    """All links, in an order that jumps through the tables as people do."""
    step = 7_368_787  # a prime, so that each comes once
    return [f"{1 + number * step % count:032d}" for number in range(count)]


def stored() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM surveys_response")
        return cursor.fetchone()[0]


def run(statement: str, values: dict | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(statement, values)
