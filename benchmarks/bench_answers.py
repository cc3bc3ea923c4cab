"""W4: a survey's page and its answer through real HTTP, beside a limit and a rival.

    script/bench answers [--seconds 3] [--invitations 10000] [--rounds 20]
                         [--questions 1|4] [--server gunicorn|granian|both] [--grow]
                         [--profile]

With one question there are four contenders on the same tables of the same database,
each under the same server with two processes: the limit (benchmarks/rivals/bare.py), a
careful Django project (rivals/careful.py), one that keeps the product's promises as
well (rivals/careful_one.py) and the product as it is. With four questions there are
two: a careful project with the promises (rivals/careful_four.py) and the product. All
servers stand ready, and in each round every one gets a turn, another one first each
time: what else the machine does, and what the database owes to its disk, falls on all
alike. Each ratio is taken within a round; printed is the median round and, behind it,
the middle half of them.

One small client on the same machine keeps 8 connections alive. Every stored row is an
answer that the client counted. Read the ratios, not the rates.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from benchmarks import (
    answers_profile,
    answers_servers,
    answers_shop,
    database,
    rounds,
)

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS = 8
CONTENDERS = {
    "limit: bare view, hand SQL": "benchmarks.rivals.bare_settings",
    "careful Django": "benchmarks.rivals.careful_settings",
    "careful, same promises": "benchmarks.rivals.careful_one_settings",
    "ours, everything on": "config.settings",
}
LIMIT, CAREFUL, PROMISING, OURS = CONTENDERS
OURS_SETTINGS = CONTENDERS[OURS]
OF_FOUR = {
    PROMISING: "benchmarks.rivals.careful_four_settings",
    OURS: OURS_SETTINGS,
}
GROWN = 1_000_000
# Imports, connections and prepared statements are no part of the work.
WARM_UP = 60


@dataclass(frozen=True)
class Turn:
    """What one contender did in one round."""

    # Pairs a second, and the seconds that each request took.
    pairs: float
    get: list[float]
    post: list[float]
    # Milliseconds of processor per pair: of the web server, of the database for it.
    cpu: float
    database_cpu: float

    @property
    def p95(self) -> float:
        return spread(self.get + self.post)[1]

    @property
    def all_cpu(self) -> float:
        return self.cpu + self.database_cpu


Turns = dict[str, list[Turn]]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="script/bench answers")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--invitations", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--questions", type=int, choices=[1, 4], default=1)
    servers = ["gunicorn", "granian", "both"]
    parser.add_argument("--server", choices=servers, default="gunicorn")
    parser.add_argument("--grow", action="store_true")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args(arguments)
    with database.own_database("answers") as name:
        answers_shop.open_shop()
        if options.questions == 4:
            answers_shop.publish_four()
        answers_shop.ask(1, options.invitations)
        if options.profile:
            tokens = answers_shop.tokens(options.invitations)[:1000]
            return answers_profile.show(tokens, options.questions)
        chosen = servers[:2] if options.server == "both" else [options.server]
        for server in chosen:
            turns = contest(server, name, options)
            tell(server, turns)
        if options.grow:
            answers_shop.ask(options.invitations + 1, GROWN)
            first, options.invitations = options.invitations, GROWN
            grown = contest(server, name, options)
            tell(server, grown)
            tell_growth(first, turns, grown)
    return 0


def contest(server: str, name: str, options: argparse.Namespace) -> Turns:
    contenders = OF_FOUR if options.questions == 4 else CONTENDERS
    turns: Turns = {contender: [] for contender in contenders}
    with ExitStack() as standing:
        served = {
            contender: standing.enter_context(
                answers_servers.serving(server, settings, name)
            )
            for contender, settings in contenders.items()
        }
        for number in range(options.rounds):
            for contender, turn in one_round(served, number, options):
                turns[contender].append(turn)
        memory = {at: answers_servers.memory_of(served[at].session) for at in served}
    print(", ".join(f"{at}: {memory[at] / 1e6:,.0f} MB" for at in memory))
    return turns


def one_round(
    served: dict[str, answers_servers.Served], number: int, options: argparse.Namespace
) -> Iterator[tuple[str, Turn]]:
    answers_shop.forget()
    tokens = answers_shop.tokens(options.invitations)
    names = list(served)
    shares = {name: tokens[at :: len(names)] for at, name in enumerate(names)}
    for name in names:
        ask_and_check(served[name].port, shares[name][:WARM_UP], 30, options.questions)
    for name in rounds.in_turn(names, number):
        yield name, take_turn(served[name], shares[name][WARM_UP:], options)


def take_turn(
    at: answers_servers.Served, tokens: list[str], options: argparse.Namespace
) -> Turn:
    web = partial(answers_servers.cpu_of, at.session)
    before, database_before = web(), answers_servers.cpu_of_database()
    seen = ask_and_check(at.port, tokens, options.seconds, options.questions)
    per_pair = 1000 / seen["pairs"]
    return Turn(
        pairs=seen["pairs"] / seen["seconds"],
        get=seen["took"]["GET"],
        post=seen["took"]["POST"],
        cpu=(web() - before) * per_pair,
        database_cpu=(answers_servers.cpu_of_database() - database_before) * per_pair,
    )


def ask_and_check(port: int, tokens: list[str], seconds: float, questions: int) -> dict:
    """Let the client work; what is stored is what it counted, and nothing was odd."""
    before = answers_shop.stored()
    seen = visit(port, tokens, seconds, questions=questions)
    assert set(seen["statuses"]) == {"GET 200", "POST 302"}, seen["statuses"]
    assert answers_shop.stored() == before + seen["pairs"], (before, seen["pairs"])
    return seen


def visit(
    port: int,
    tokens: list[str],
    seconds: float,
    *,
    pace: float = 0,
    connections: int = CONNECTIONS,
    questions: int = 1,
) -> dict:
    """The client's report: what it asked, what came back, and how long each took."""
    work = {
        "port": port,
        "connections": connections,
        "seconds": seconds,
        "tokens": tokens,
        "pace": pace,
        "questions": questions,
    }
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.answers_client"],
        input=json.dumps(work),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def spread(seconds: list[float]) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds."""
    return 1000 * median(seconds), 1000 * quantiles(seconds, n=20)[-1]


# --- What is printed -----------------------------------------------------------------


def tell(server: str, turns: Turns) -> None:
    count = len(turns[OURS])
    print(f"\n{server}, 2 processes of 4 threads, {count} rounds; p50 / p95 in ms\n")
    print(
        f"{'':<28} {'pairs/s':>8} {'GET':>13} {'POST':>13}"
        f" {'web CPU':>8} {'database':>9}"
    )
    for name, found in turns.items():
        get = spread([took for turn in found for took in turn.get])
        post = spread([took for turn in found for took in turn.post])
        print(
            f"{name:<28} {median(turn.pairs for turn in found):8,.0f}"
            f" {get[0]:5.1f} / {get[1]:5.1f} {post[0]:5.1f} / {post[1]:5.1f}"
            f" {median(turn.cpu for turn in found):5.2f} ms"
            f" {median(turn.database_cpu for turn in found):6.2f} ms"
        )
    for other in (name for name in turns if name != OURS):
        print(
            f"\nours to {other}: {ratio(turns, other, 'pairs')} x the pairs/s, "
            f"{ratio(turns, other, 'p95')} x the p95, "
            f"{ratio(turns, other, 'all_cpu')} x the processor time"
        )
    print("(target: 1.5 x the pairs/s of careful Django)")


def ratio(turns: Turns, other: str, figure: str) -> str:
    ours, theirs = (
        [getattr(turn, figure) for turn in turns[who]] for who in (OURS, other)
    )
    return rounds.ratios(ours, theirs)


def tell_growth(first: int, small: Turns, large: Turns) -> None:
    """To the same other, so that a slower machine cannot pass for growth."""
    other = LIMIT if LIMIT in small else PROMISING

    def share(turns: Turns) -> float:
        pairs = zip(turns[OURS], turns[other], strict=True)
        return median(ours.pairs / theirs.pairs for ours, theirs in pairs)

    def cpu(turns: Turns) -> float:
        return median(turn.all_cpu for turn in turns[OURS])

    def pairs(turns: Turns) -> float:
        return median(turn.pairs for turn in turns[OURS])

    print(
        f"ours with {GROWN:,} invitations, to {first:,}: "
        f"{pairs(large) / pairs(small):.2f} x the pairs/s, "
        f"{cpu(large) / cpu(small):.2f} x the processor time, "
        f"{share(large) / share(small):.2f} x the ratio to {other}"
    )
