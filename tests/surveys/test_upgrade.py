"""A shop of before surveys stood alone, carried over."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.database_shape import schema
from tests.test_squashed_migrations import (
    LATER,
    a_database,
    assert_squashes_are_applied,
    migrate,
    migrate_the_old_way,
)

ROWS = """
    INSERT INTO crm_customer (id, source, external_id, given_name, family_name,
        greeting_name, sort_name, search_text, email, email_norm, phone_e164,
        phone_text, language, time_zone, country, since_from, heard_from, heard_text,
        organisation, notes, custom, created_at, updated_at, version, mail_ground)
    SELECT 7, 'main', '7', 'Dana', 'Levi', 'Dana', 'levi dana', 'dana levi', '', '', '',
        '', 'en', '', 'GB', 'entered', '', '', '', '', '{}', now(), now(), 1, '';
    INSERT INTO messaging_automation (id, kind, name)
    VALUES (41, 'nps_post_purchase', 'After'), (42, 'nps_relationship', 'Now and then');
    INSERT INTO surveys_survey (id, name, kind, trigger, automation_id, every_days,
        after_days, remind_after_days, one_click)
    VALUES (1, 'After', 'nps', 'post_purchase', 41, 180, 9, NULL, true),
        (2, 'Now and then', 'nps', 'relationship', 42, 90, 5, 4, false);
    INSERT INTO surveys_turn (survey_id, customer_id, next_on)
    VALUES (2, 7, '2026-12-01');
    INSERT INTO surveys_invitation (id, survey_id, customer_id, occurrence, invited_at,
        expires_at, state)
    VALUES (3, 2, 7, '42:2026-06-01', now(), now() + interval '30 days', 'answered'),
        (4, 1, 7, '41:order', now(), now() + interval '30 days', 'answered');
    INSERT INTO surveys_response (invitation_id, survey_id, customer_id, score, comment,
        state, first_at, confirmed_at, changeable_until, language)
    VALUES (3, 2, 7, 9, 'Good', 'confirmed', '2026-06-02Z', '2026-06-02Z', now(), 'en'),
        (4, 1, 7, 0, '', 'provisional', '2026-06-02Z', NULL, now(), 'en');
"""


def ask(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


@pytest.fixture(scope="module")
def new(django_db_setup, django_db_blocker):
    """The schema of a new database; other tests may have left an index in ours."""
    made = connection.settings_dict["TEST"].get("TEMPLATE")
    with a_database("new", django_db_blocker, made or "template1"):
        if not made:
            migrate()
        return schema()


@pytest.fixture(scope="module")
def before(new, django_db_blocker):
    """The name of a database that both tests copy: to make it takes long."""
    with a_database("before", django_db_blocker) as name:
        migrate_the_old_way(LATER)
        # PostgreSQL copies none that somebody is connected to.
        connection.close()
        yield name


@pytest.mark.slow
def test_surveys_of_before_keep_their_rhythm_their_turns_and_their_answers(
    before, new, django_db_blocker
):
    with a_database("stand_alone", django_db_blocker, before):
        with connection.cursor() as cursor:
            cursor.execute(ROWS)

        migrate()

        assert_squashes_are_applied()
        for kind, ours in schema().items():
            assert ours == new[kind], kind
        assert ask(
            "SELECT s.name, s.state, s.remind_after_days, s.one_click, a.automation_id,"
            " a.every_days, a.after_days, v.number, v.state"
            " FROM surveys_survey s JOIN surveys_asking a ON a.survey_id = s.id"
            " JOIN surveys_surveyversion v ON v.id = s.live_version_id ORDER BY s.id"
        ) == [
            ("After", "live", None, True, 41, 180, 9, 1, "published"),
            ("Now and then", "live", 4, False, 42, 90, 5, 1, "published"),
        ]
        assert ask(
            "SELECT a.automation_id, t.customer_id, t.next_on::text"
            " FROM surveys_scheduledask t JOIN surveys_asking a ON a.id = t.asking_id"
        ) == [(42, 7, "2026-12-01")]
        assert ask(
            "SELECT score, comment, scale, r.state, channel, country,"
            " completed_at = confirmed_at, r.survey_version_id = s.live_version_id"
            " FROM surveys_response r JOIN surveys_survey s ON s.id = r.survey_id"
            " ORDER BY score DESC"
        ) == [
            (9, "Good", "nps", "confirmed", "mail", "GB", True, True),
            (0, "", "nps", "provisional", "mail", "GB", None, True),
        ]
        assert ask(
            "SELECT a.automation_id FROM surveys_invitation i"
            " JOIN surveys_asking a ON a.id = i.asking_id ORDER BY i.id"
        ) == [(42,), (41,)]
        [(following,)] = ask(
            "SELECT nextval(pg_get_serial_sequence('surveys_asking', 'id'))"
        )
        assert following == 3


PLAIN_NAMES = ("messaging", "0030_kinds_that_ask_any_survey")
OLD = ["anniversary", "nps_post_purchase", "nps_relationship", "nps_reminder"]
PLAIN = ["anniversary", "survey_after_delivery", "survey_regularly", "survey_reminder"]
KINDS = """
    INSERT INTO messaging_automation (kind, name)
    SELECT kind, 'One' FROM unnest(%s::text[]) kind;
    INSERT INTO messaging_message (kind, occurrence, address, state, reason_code,
        deferred_reason, smtp_text, transport, language, category, due_on,
        planned_at, not_before, expires_at, message_uuid)
    SELECT kind, '1', 'a@example.org', 'planned', '', '', '', '', 'en', 'transactional',
        '2026-11-01', now(), now(), now() + interval '1 day', gen_random_uuid()
    FROM unnest(%s::text[]) kind;
    INSERT INTO crm_segment (name, conditions, created_at, updated_at)
    VALUES ('Asked', '{"field": "mail.got", "values": ["nps_reminder", "anniversary"]}',
            now(), now()),
        ('Named', '{"field": "custom.note", "values": ["nps_reminder"]}', now(), now())
"""


def kinds_told():
    return [
        sorted(kind for (kind,) in ask(f"SELECT kind FROM messaging_{table}"))
        for table in ("automation", "message")
    ], [
        value
        for (value,) in ask(
            "SELECT conditions->'values'->>0 FROM crm_segment"
            " WHERE name IN ('Asked', 'Named') ORDER BY name"
        )
    ]


@pytest.mark.slow
def test_kinds_have_plain_names_after_the_upgrade_and_the_old_ones_after_a_way_back(
    before, django_db_blocker
):
    with a_database("plain_names", django_db_blocker, before):
        with connection.cursor() as cursor:
            cursor.execute(KINDS, [OLD, OLD])
        said_before = kinds_told()

        MigrationExecutor(connection).migrate([PLAIN_NAMES])
        after = kinds_told()
        MigrationExecutor(connection).migrate([("messaging", "0029_remember_looks")])

        assert said_before == ([OLD, OLD], ["nps_reminder", "nps_reminder"])
        assert after == ([PLAIN, PLAIN], ["survey_reminder", "nps_reminder"])
        assert kinds_told() == said_before
