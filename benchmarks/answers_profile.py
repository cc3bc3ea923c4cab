"""Where the time of a page and an answer goes, by function and by statement."""

import cProfile
import pstats
import time

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def show(tokens: list[str]) -> int:
    browser = Client(headers={"host": "127.0.0.1"})
    for token in tokens[:20]:
        pair(browser, token)
    statements(browser, tokens[20])
    started = time.process_time()
    for token in tokens[21:520]:
        pair(browser, token)
    spent = time.process_time() - started
    print(f"\n{1000 * spent / 499:.2f} ms of this process a pair, test client included")
    watch = cProfile.Profile()
    watch.enable()
    for token in tokens[520:]:
        pair(browser, token)
    watch.disable()
    pstats.Stats(watch).sort_stats("cumulative").print_stats(90)
    pstats.Stats(watch).sort_stats("tottime").print_stats(40)
    return 0


def pair(browser: Client, token: str) -> None:
    shown = browser.get(f"/s/{token}/", {"score": "9"})
    sent = browser.post(f"/s/{token}/", {"score": "9", "comment": "Good"})
    assert (shown.status_code, sent.status_code) == (200, 302)


def statements(browser: Client, token: str) -> None:
    for ask, words in ((browser.get, {}), (browser.post, {"score": "9"})):
        with CaptureQueriesContext(connection) as seen:
            ask(f"/s/{token}/", words)
        print(f"\n{ask.__name__.upper()}: {len(seen)} statements")
        for query in seen:
            print("  ", query["sql"][:110].replace("\n", " "))
