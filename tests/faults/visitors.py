"""Whoever uses a shop while it is broken: answers, looks, and logs notes."""

import itertools
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.faults.shop import Answer, OwnShop


@dataclass
class Visitors:
    """Somebody answers, somebody looks, and whoever gets no answer tries again."""

    shop: OwnShop
    seen: list[Answer] = field(default_factory=list)
    accepted: int = 0
    ran_out: bool = False  # no customer was left who could answer
    noted: list[str] = field(default_factory=list)
    # Of their notes, apart from those of other visitors.
    name: str = field(default_factory=lambda: secrets.token_hex(4))

    def statuses(self) -> Counter[int]:
        return Counter(answer.status for answer in self.seen)

    def unavailable(self) -> list[Answer]:
        return [answer for answer in self.seen if answer.status == 503]

    def pages_after(self, moment: float) -> float:
        """Seconds from then to the first page after which all were pages."""
        bad = [
            one.at for one in self.seen if one.at > moment and one.status in (0, 503)
        ]
        return max(bad, default=moment) - moment

    def check_effects(self, before: int) -> None:
        """What was accepted is there, once; what was refused left nothing behind."""
        assert not self.ran_out, "the shop has too few people"
        # The last one may be on its way when the visitors leave.
        assert 0 <= self.shop.answers() - before - self.accepted <= 1
        assert self.shop.half_effects() == []

    def answer_all(self, over: threading.Event) -> None:
        for link in self.shop.links:
            while not over.is_set():
                self.seen.append(self.shop.answer(link, score=2))
                if self.seen[-1].status in (200, 302):
                    self.accepted += 1
                    break
                time.sleep(0.05)
            if over.is_set():
                return
        self.ran_out = True

    def log_notes(self, over: threading.Event) -> None:
        customers = itertools.cycle(customer for _, customer in self.shop.rows.values())
        for number, customer in enumerate(customers):
            body = f"{self.name} {number}"
            while not over.is_set():
                self.seen.append(self.shop.note(customer, body))
                if self.seen[-1].status == 303:
                    self.noted.append(body)
                    break
                time.sleep(0.05)
            if over.is_set():
                return

    def check_notes(self) -> None:
        """Each that was accepted is there once, whole; the last may be on its way."""
        found = [one for one in self.shop.notes() if one[0].startswith(self.name)]
        bodies = [body for body, _ in found]
        assert {lines for _, lines in found} == {1}
        assert len(set(bodies)) == len(bodies)
        assert set(self.noted) <= set(bodies)
        assert len(bodies) - len(self.noted) <= 1

    def look(self, over: threading.Event) -> None:
        pages = itertools.cycle(("/customers/", "/", "/healthz"))
        while not over.wait(0.05):
            self.seen.append(self.shop.get(next(pages)))


@contextmanager
def visited(
    shop: OwnShop, *, by_customers: bool = True, by_staff: bool = False
) -> Iterator[Visitors]:
    """Inside, all are on the pages all the time: who answers, who logs notes, and
    somebody who looks."""
    visitors, over = Visitors(shop), threading.Event()
    works = [visitors.look]
    works += [visitors.answer_all] if by_customers else []
    works += [visitors.log_notes] if by_staff else []
    threads = [threading.Thread(target=work, args=[over]) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield visitors
    finally:
        over.set()
        for thread in threads:
            thread.join()
