"""Customers answer through real HTTP while mails go out (F38, in small).

The figure itself comes from `script/bench busy`; here nothing may be lost, whatever
else the machine does.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from benchmarks import answers_shop, bench_outbox
from crm.models import AuditEntry, Business, FollowUp
from messaging.models import Message
from messaging.services import delivery
from surveys.models import Response

ROOT = Path(__file__).resolve().parents[2]
CUSTOMERS, MAILS = 100, 60


@pytest.fixture
def crowd(live_server):
    """Opens page after page, 50 a second, and answers each."""
    work = {
        "port": live_server.thread.port,
        "connections": 4,
        "seconds": 60,
        "pace": 50,
        "tokens": answers_shop.tokens(CUSTOMERS),
    }

    def start():
        client = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.answers_client"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        json.dump(work, client.stdin)
        client.stdin.close()
        return client

    return start


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_no_answer_is_lost_while_mails_go_out(crowd, settings):
    settings.MAIL_TRANSPORT = "outbox"
    # The tokens are those of invitations from 1 on: all keys begin anew.
    call_command("flush", interactive=False, verbosity=0)
    Business.objects.get_or_create(pk=1)
    answers_shop.open_shop()
    answers_shop.ask(1, CUSTOMERS)
    bench_outbox.people(MAILS)
    bench_outbox.plan_anniversaries()

    client = crowd()
    while client.poll() is None:
        delivery.deliver(now=bench_outbox.NOW, limit=5, seconds=10)
    seen = json.loads(client.stdout.read())
    delivery.deliver(now=bench_outbox.NOW, seconds=60)

    assert seen["statuses"] == {"GET 200": CUSTOMERS, "POST 302": CUSTOMERS}
    assert Response.objects.filter(state="confirmed").count() == CUSTOMERS
    assert AuditEntry.objects.filter(action="survey.answered").count() == CUSTOMERS
    low = Response.objects.filter(score__lte=6).count()
    assert FollowUp.objects.count() == low > 0
    assert Message.objects.filter(state="sent").count() == MAILS
