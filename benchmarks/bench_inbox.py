"""The inbox: its lists and its search, among many conversations.

    script/bench inbox [--conversations 200000] [--rounds 20]

Conversations with two mails each, in a database of this run's own: 1 in 40 is open, 1
in 20 waits, the others are closed; of 1 in 4 nobody knows the customer; five kinds, 30
tags of very different frequency, three mailboxes of which one is rare. Every page is
asked through the whole chain of the site, as a signed-in colleague; beside it stands a
page of staff that shows nothing, in the same rounds. Times are those of the processor,
of this process and of its session of the database, with the clock beside them: they are
one where nothing else is at work.
The plans of the slowest searches are printed with --explain.
"""

import argparse
from functools import partial
from statistics import median, quantiles

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks import plans
from benchmarks.database import own_database
from benchmarks.plans import Took
from crm.models import User
from support.selectors import searching

TARGET = 25.0
EMPTY = "/drafts/"

MAILBOXES = """
INSERT INTO support_mailbox (id, name, address, host, "user", password, new_from)
OVERRIDING SYSTEM VALUE
SELECT n, 'Box ' || n, 'box' || n || '@kettle.example', 'h', 'u', 'p', '2020-01-01'
FROM generate_series(1, 3) n
"""
CUSTOMERS = """
INSERT INTO crm_customer (id, source, external_id, given_name, family_name,
    greeting_name, sort_name, search_text, email, email_norm, phone_e164, phone_text,
    language, time_zone, country, since_on, since_from, heard_from, heard_text,
    organisation, notes, custom, created_at, updated_at, version, mail_ground)
OVERRIDING SYSTEM VALUE
SELECT n, 'main', 'C' || n, 'Dana', 'Levi ' || n, 'Dana', 'levi dana',
    'dana levi c' || n, 'c' || n || '@example.org', 'c' || n || '@example.org', '', '',
    (ARRAY['en', 'he', 'zh-hans', ''])[1 + n %% 4], '', 'GB', '2024-01-01', 'given',
    '', '', '', '', '{}', now(), now(), 1, 'Bought'
FROM generate_series(1, 1 + %(count)s / 4) n
"""
CONVERSATIONS = """
INSERT INTO support_conversation (id, customer_id, address, mailbox_id, subject, state,
    kind, assignee_id, language, opened_at, last_mail_at, closed_at, snoozed_until)
OVERRIDING SYSTEM VALUE
SELECT n, CASE WHEN n %% 4 > 0 THEN 1 + n / 4 END, 'c' || n / 4 || '@example.org',
    CASE WHEN n %% 997 = 0 THEN 3 ELSE 1 + n %% 2 END,
    'About order ' || n, state,
    CASE WHEN n %% 1009 = 0 THEN 'praise'
         ELSE (ARRAY['question', 'complaint', 'order', 'other', ''])[1 + n %% 5] END,
    CASE WHEN n %% 3 = 0 THEN %(user)s END,
    (ARRAY['en', 'en', 'en', 'he', 'zh-hans'])[1 + n %% 5],
    at, at, CASE WHEN state = 'closed' THEN at END,
    CASE WHEN state = 'snoozed' THEN now() + interval '1 day' END
FROM (SELECT n, timestamptz '2024-01-01' + n * interval '5 minutes' AS at,
        CASE WHEN n %% 40 = 0 THEN 'open' WHEN n %% 40 IN (1, 2) THEN 'waiting'
             WHEN n %% 400 = 3 THEN 'snoozed' ELSE 'closed' END AS state
    FROM generate_series(1, %(count)s) n) made
"""
# Words as people use them: the nth of 20,000 about 1/n as often as the first.
MAILS = """
INSERT INTO support_mail (conversation_id, direction, fingerprint, message_id,
    from_name, from_address, subject, text, html, at, stored_at, search_text)
SELECT (n + 1) / 2, CASE n %% 2 WHEN 1 THEN 'in' ELSE 'out' END,
    encode(sha256(n::text::bytea), 'hex'), n || '@x', 'Dana', 'c@example.org',
    'About order ' || (n + 1) / 2, words, '',
    timestamptz '2024-01-01' + (n + 1) / 2 * interval '5 minutes', now(),
    'about order ' || (n + 1) / 2 || ' dana c' || n %% 90000 || 'exampleorg ' || words
FROM generate_series(1, %(count)s) n, LATERAL (
    SELECT string_agg(substr(md5(floor(exp(random() * ln(20000)))::text), 1, 7), ' ')
        AS words
    FROM generate_series(1, 60) WHERE n > 0) said
"""
TAGS = """
INSERT INTO support_conversationtag (id, name) OVERRIDING SYSTEM VALUE
SELECT n, 'tag ' || n FROM generate_series(1, 30) n
"""
TAGGINGS = """
INSERT INTO support_tagging (conversation_id, tag_id)
SELECT c, t FROM generate_series(1, %(count)s) c, generate_series(1, 30) t
WHERE c %% (3 * t * t) = 0
"""


def word(rank: int) -> str:
    """The word of this rank, as MAILS writes it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT substr(md5(%s::text), 1, 7)", [str(rank)])
        return str(cursor.fetchone()[0])


def pages(count: int) -> dict[str, str]:
    """Name and address of each page that is measured."""
    lists = {
        tab: f"/inbox/?tab={tab}"
        for tab in ("mine", "unassigned", "waiting", "snoozed", "closed")
    }
    filters = {
        "closed, common tag": "tag=1", "closed, rare tag": "tag=30",
        "closed, tag of some": "tag=8", "closed, rare mailbox": "mailbox=3",
        "closed, rare kind": "kind=praise", "closed, Hebrew": "language=he",
        "closed, kind and mailbox": "kind=order&mailbox=2",
    }  # fmt: skip
    found = {f"word of rank {rank}": word(rank) for rank in (1, 10, 100, 1000, 10000)}
    found |= {
        "two words": f"{word(1)} {word(3000)}", "an address": "c77@example.org",
        "a number": f"#{count // 2}", "an order": f"order {count // 3}",
        "nothing": "sapphire",
    }  # fmt: skip
    return {
        **lists,
        **{name: f"/inbox/?tab=closed&{query}" for name, query in filters.items()},
        **{
            f"search: {name}": f"/inbox/?q={typed.replace('#', '%23')}"
            for name, typed in found.items()
        },
    }


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="script/bench inbox")
    parser.add_argument("--conversations", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--explain", action="store_true")
    options = parser.parse_args(arguments)
    with own_database("inbox"):
        user = fill(options.conversations)
        client = Client(SERVER_NAME="localhost")
        client.force_login(user)
        asked = pages(options.conversations)
        took = measure(client, asked, options.rounds)
        tell(client, asked, took)
        if options.explain:
            explain(asked, took)
    return 0


def fill(count: int) -> User:
    user = User.objects.create(email="noa@kettle.example", name="Noa", role="agent")
    values = {"count": count, "user": user.pk}
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("DROP INDEX mail_parts")
        cursor.execute(MAILBOXES)
        cursor.execute(CUSTOMERS, values)
        cursor.execute(CONVERSATIONS, values)
        cursor.execute(MAILS, {"count": 2 * count})
        cursor.execute(TAGS)
        cursor.execute(TAGGINGS, values)
        cursor.execute(
            "CREATE INDEX mail_parts ON support_mail"
            " USING gin (support_word_parts(search_text))"
        )
        cursor.execute("ALTER INDEX mail_parts ALTER COLUMN 1 SET STATISTICS 0")
        cursor.execute("VACUUM ANALYZE")
    return user


def measure(
    client: Client, asked: dict[str, str], rounds: int
) -> dict[str, list[Took]]:
    """What each page took, and the empty one, in turns."""
    everything = {"empty": EMPTY, **asked}
    took: dict[str, list[Took]] = {name: [] for name in everything}
    for number in range(rounds + 1):
        for name, address in everything.items():
            (spent,) = plans.took(partial(get, client, address), times=1)
            if number:  # The first round warms up.
                took[name].append(spent)
    return took


def get(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)


def tell(client: Client, asked: dict[str, str], took: dict[str, list[Took]]) -> None:
    floor = median(processor(took["empty"]))
    print(
        f"\n{'page':<28} {'median':>8} {'p95':>8} {'- empty':>8} {'clock':>8}"
        f" {'queries':>8}"
    )
    for name in took:
        spent, waited = processor(took[name]), [one.clock * 1000 for one in took[name]]
        with CaptureQueriesContext(connection) as seen:
            client.get(asked.get(name, EMPTY))
        print(
            f"{name:<28} {median(spent):8.1f} {p95(spent):8.1f}"
            f" {median(spent) - floor:8.1f} {median(waited):8.1f} {len(seen):>8}"
        )
    everything = [spent for name in asked for spent in processor(took[name])]
    print(f"all: p95 {p95(everything):.1f} ms of the processor; target {TARGET:.0f} ms")


def processor(took: list[Took]) -> list[float]:
    """Milliseconds."""
    return [one.processor * 1000 for one in took]


def p95(spent: list[float]) -> float:
    return quantiles(spent, n=20)[-1]


def explain(asked: dict[str, str], took: dict[str, list[Took]]) -> None:
    """What the database does for the slowest searches."""
    slowest = sorted(
        (name for name in asked if name.startswith("search")),
        key=lambda name: -median(processor(took[name])),
    )
    for name in slowest[:2]:
        typed = asked[name].split("q=")[1].replace("%23", "#")
        rows = searching.found(typed).everything.order_by("-last_mail_at", "-pk")[:51]
        print(f"\n{name}\n{rows.explain(analyze=True, buffers=True)}")


if __name__ == "__main__":
    raise SystemExit(main([]))
