"""Where the time of a page and an answer goes, by function and by statement.

Without a web server and a client: whole requests through the WSGI application, in this
process. DJANGO_SETTINGS_MODULE chooses another contender of bench_answers.py.
"""

import cProfile
import io
import pstats
import time
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.module_loading import import_string

from benchmarks import answers_client

ENVIRON = {
    "SERVER_NAME": "127.0.0.1",
    "SERVER_PORT": "80",
    "HTTP_HOST": "127.0.0.1",
    "HTTP_ORIGIN": "null",
    "REMOTE_ADDR": "127.0.0.1",
    "wsgi.url_scheme": "http",
    "CONTENT_TYPE": "application/x-www-form-urlencoded",
}
application = import_string("config.wsgi.application")


def show(tokens: list[str], questions: int) -> int:
    body = answers_client.BODIES[questions].format(score=9, words="Arrived+fast.")
    for token in tokens[:20]:
        pair(token, body)
    statements(tokens[20], body)
    timed("a page", [page(token) for token in tokens[21:520]])
    timed("an answer", [answer(token, body) for token in tokens[21:520]])
    watch = cProfile.Profile()
    watch.enable()
    for token in tokens[520:]:
        pair(token, body)
    watch.disable()
    pstats.Stats(watch).sort_stats("cumulative").print_stats(90)
    pstats.Stats(watch).sort_stats("tottime").print_stats(40)
    return 0


def timed(what: str, requests: list[dict[str, Any]]) -> None:
    started = time.process_time()
    for environ in requests:
        ask(environ)
    spent = (time.process_time() - started) / len(requests)
    print(f"\n{1000 * spent:.2f} ms of this process for {what}")


def pair(token: str, body: str) -> None:
    assert ask(page(token)) == "200 OK"
    assert ask(answer(token, body)) == "302 Found"


def page(token: str) -> dict[str, Any]:
    return environ(token, "GET", b"", "score=9")


def answer(token: str, body: str) -> dict[str, Any]:
    return environ(token, "POST", body.encode())


def environ(token: str, method: str, body: bytes, query: str = "") -> dict[str, Any]:
    return {
        **ENVIRON,
        "REQUEST_METHOD": method,
        "PATH_INFO": f"/s/{token}/",
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
    }


def ask(environ: dict[str, Any]) -> str:
    """The status, after the whole answer was read."""
    statuses: list[str] = []
    response = application(environ, lambda status, headers: statuses.append(status))
    b"".join(response)
    response.close()
    return statuses[0]


def statements(token: str, body: str) -> None:
    for request in (page(token), answer(token, body)):
        with CaptureQueriesContext(connection) as seen:
            ask(request)
        print(f"\n{request['REQUEST_METHOD']}: {len(seen)} statements")
        for query in seen:
            print("  ", query["sql"][:110].replace("\n", " "))
