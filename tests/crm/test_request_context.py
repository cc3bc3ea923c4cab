"""What one request knows while it shows a page."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from crm.models import Business, User
from crm.request_context import RequestContext

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


def a_request():
    return RequestContext(User(pk=1), Business(pk=1), ZoneInfo("UTC"), NOW)


def test_what_two_parts_show_is_read_once_for_the_same_arguments():
    asked = []

    def read(*args, **kwargs):
        asked.append((args, kwargs))
        return len(asked)

    context = a_request()

    assert [context.once(read, 1), context.once(read, 1)] == [1, 1]
    assert context.once(read, 2) == 2
    assert context.once(read, 2, now=NOW) == 3
    assert asked == [((1,), {}), ((2,), {}), ((2,), {"now": NOW})]


def test_another_request_reads_anew():
    answers = iter("ab")

    def read():
        return next(answers)

    assert [a_request().once(read), a_request().once(read)] == ["a", "b"]
