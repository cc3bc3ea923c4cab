"""The kill test: does a mail get lost or arrive twice, whatever dies meanwhile?

    script/bench chaos --messages 10000 --kills 20 --seed 7 [--servers]
    script/bench chaos --policy resend      the relay drops repeats by Message-ID
    script/bench chaos --children 50        kills single processes of the groups, too

Starts a PostgreSQL, a Valkey, two worker groups of four processes, two beats and a mail
server of its own. Everybody's anniversary is today: the beats plan, the workers send.
Meanwhile whole groups that are at work are killed with -9 and the queue is flushed;
with --servers Valkey is killed six times and PostgreSQL is stopped hard three times.
In the end the mail server's own append-only record is held against the ledger.

Exit 0: nothing was lost, doubled or left over. 1: something was. 2: the run does not
count: too few kills hit a group at work, a group fell by itself, or the time was up.
"""

import argparse
import importlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import django
from django.core.management import call_command
from django.utils import timezone

from benchmarks.chaos_site import (
    GROUPS,
    ONE_KILLED,
    PROCESSES,
    Chaos,
    GroupFell,
    Ledger,
    TimeIsUp,
    running_chaos,
)

FINAL = {
    *("sent", "failed", "suppressed", "expired"),
    *("uncertain", "cancelled", "superseded"),
}
BUSY_SHARE = 0.75
VALKEY_KILLS, POSTGRES_STOPS = 6, 3

Blow = Callable[[random.Random], None]


def main(arguments: list[str]) -> int:
    options = parsed(arguments)
    # Ended from outside, everything that was started still has to be ended.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(f"seed {options.seed}, policy {options.policy}", flush=True)
    deadline = time.monotonic() + options.seconds
    with running_chaos(options.policy, deadline) as chaos:
        os.environ.update(chaos.site.environment())
        django.setup()
        call_command("migrate", verbosity=0)
        started = time.monotonic()
        try:
            run(chaos, options)
        except (TimeIsUp, GroupFell) as error:
            print(f"{type(error).__name__}: this run does not count\n{error}")
            report(judge(chaos, options.policy), chaos, time.monotonic() - started)
            return 2
        result = judge(chaos, options.policy)
        report(result, chaos, time.monotonic() - started)
    return result.code


def parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench chaos")
    parser.add_argument("--messages", type=int, default=600)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--children", type=int, default=0, help="kills of one process")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--servers", action="store_true")
    parser.add_argument("--policy", choices=("park", "resend"), default="park")
    parser.add_argument("--seconds", type=float, help="the longest this may take")
    options = parser.parse_args(arguments)
    if options.seconds is None:
        options.seconds = 180 + options.messages * 0.1 + options.kills * 15
    return options


# --- The run --------------------------------------------------------------------------


def run(chaos: Chaos, options: argparse.Namespace) -> None:
    chance = random.Random(options.seed)
    # Its models want Django set up, which wants the servers' addresses.
    shop = importlib.import_module("benchmarks.chaos_shop")
    shop.open_shop(options.messages, timezone.now())
    chaos.start()
    for at, blow in blows(chaos, options, chance):
        chaos.wait_until(lambda at=at: chaos.taken() >= at)
        blow(chance)
    chaos.wait_until(lambda: chaos.unfinished() == 0, every=0.5)


def blows(
    chaos: Chaos, options: argparse.Namespace, chance: random.Random
) -> list[tuple[int, Blow]]:
    """What happens after how many mails, all before the queue runs dry."""
    rare: list[Blow] = [chaos.flush]
    if options.servers:
        rare += [chaos.kill_valkey] * VALKEY_KILLS
        rare += [chaos.stop_postgres] * POSTGRES_STOPS
    rare += [chaos.kill_group] * options.kills + [chaos.kill_child] * options.children
    chance.shuffle(rare)
    # A group that was just started takes seconds to be at work again: spread them.
    step = options.messages * 0.9 / (len(rare) + 1)
    return [
        (int(step * (number + chance.random())), blow)
        for number, blow in enumerate(rare)
    ]


# --- The result -----------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    ledger: Ledger
    taken: Counter[str]  # how often the mail server took each Message-ID
    lost: int
    twice: int
    repeats: int
    left_over: int
    contradictions: int
    arrived_though_uncertain: int
    uncertain_most: int
    counts: bool

    @property
    def passed(self) -> bool:
        uncertain = self.ledger.count()["uncertain"]
        wrong = self.lost + self.twice + self.left_over + self.contradictions
        return wrong == 0 and uncertain <= self.uncertain_most

    @property
    def code(self) -> int:
        if not self.passed:
            return 1
        return 0 if self.counts else 2


def judge(chaos: Chaos, policy: str) -> Result:
    ledger = chaos.ledger()
    taken = Counter(one.strip("<>").split("@")[0] for one, _ in chaos.sink.accepted)
    sent = {one for one, state in ledger.states.items() if state == "sent"}
    unsure = {one for one, state in ledger.states.items() if state == "uncertain"}
    final = {one for one, state in ledger.states.items() if state in FINAL}
    repeats = sum(taken.values()) - len(taken)
    return Result(
        ledger=ledger,
        taken=taken,
        # Called sent without having arrived, or planned without a recipient.
        lost=len(sent - set(taken)) + ledger.silent,
        # A relay that drops repeats shows the customer each Message-ID once.
        twice=repeats if policy == "park" else 0,
        repeats=repeats,
        left_over=len(ledger.states) - len(final),
        # Arrived, and the ledger states that it did not.
        contradictions=len(final & set(taken) - sent - unsure),
        arrived_though_uncertain=len(unsure & set(taken)),
        uncertain_most=len(chaos.kills) * PROCESSES + chaos.counts[ONE_KILLED],
        counts=busy(chaos.kills) >= BUSY_SHARE * len(chaos.kills),
    )


def busy(kills: list[int]) -> int:
    return sum(count > 0 for count in kills)


def report(result: Result, chaos: Chaos, seconds: float) -> None:
    ledger, states = result.ledger, result.ledger.count()
    in_doubt = (
        f"{states['uncertain']} of at most {result.uncertain_most}"
        f" ({result.arrived_though_uncertain} had arrived)"
    )
    rows = [
        ("messages", ledger.customers),
        ("worker groups x processes, beats", f"{GROUPS} x {PROCESSES}, 2"),
        ("groups killed, at work when killed", kills_in_words(chaos.kills)),
        *chaos.counts.items(),
        ("taken by the mail server, distinct", len(result.taken)),
        ("sent, by the ledger", states["sent"]),
        ("silently lost", result.lost),
        ("received twice", result.twice),
        ("repeats that a relay would drop", result.repeats),
        ("in no final state", result.left_over),
        ("arrived, but the ledger denies it", result.contradictions),
        ("uncertain", in_doubt),
        ("seconds", f"{seconds:.0f}"),
    ]
    for name, value in rows:
        print(f"  {name:<36} {value}")
    print(f"  states: {dict(states)}")
    if not result.counts:
        print("  too few kills hit a group at work: this run does not count")
    print("  passed" if result.code == 0 else "  NOT passed", flush=True)


def kills_in_words(kills: list[int]) -> str:
    return f"{len(kills)}, {busy(kills)} ({sum(kills)} processes with mails in hand)"
