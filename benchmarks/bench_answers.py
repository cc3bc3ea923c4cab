"""W4: a survey's page and its answer through real HTTP, beside a limit and a rival.

    script/bench answers [--seconds 5] [--invitations 10000] [--rounds 3]
                         [--server gunicorn|granian|both] [--grow] [--profile]

Three contenders in turn on the same tables of the same database, each under the same
server with two processes: the limit (benchmarks/rivals/bare.py), a careful Django
project (rivals/careful.py) and the product as it is. One small client on the same
machine keeps 8 connections alive. Every stored row is an answer that the client
counted. Read the ratios, not the rates: they fall with whatever else the machine does.
"""

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from benchmarks import answers_profile, answers_servers, answers_shop, database

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS = 8
CONTENDERS = {
    "limit: bare view, hand SQL": "benchmarks.rivals.bare_settings",
    "careful Django": "benchmarks.rivals.careful_settings",
    "ours, everything on": "config.settings",
}
OURS = "ours, everything on"
OURS_SETTINGS = CONTENDERS[OURS]
GROWN = 1_000_000


@dataclass(frozen=True)
class Run:
    """What one contender did; times in milliseconds."""

    pairs: float
    get: tuple[float, float]
    post: tuple[float, float]
    worst95: float
    # Processor time of the server's processes per pair; the database's is not in it.
    cpu: float
    memory: float


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="script/bench answers")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--invitations", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    servers = ["gunicorn", "granian", "both"]
    parser.add_argument("--server", choices=servers, default="gunicorn")
    parser.add_argument("--grow", action="store_true")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args(arguments)
    with database.own_database("answers") as name:
        answers_shop.open_shop()
        answers_shop.ask(1, options.invitations)
        if options.profile:
            return answers_profile.show(answers_shop.tokens(options.invitations)[:1000])
        chosen = servers[:2] if options.server == "both" else [options.server]
        for server in chosen:
            tell(server, contest(server, name, options))
        if options.grow:
            tell_growth(chosen[0], name, options)
    return 0


def contest(server: str, name: str, options: argparse.Namespace) -> dict[str, Run]:
    runs: dict[str, list[Run]] = {contender: [] for contender in CONTENDERS}
    for _ in range(options.rounds):
        for contender in CONTENDERS:
            runs[contender].append(run(server, contender, name, options))
    return {contender: middle(found) for contender, found in runs.items()}


def middle(runs: list[Run]) -> Run:
    """The run whose rate is the median."""
    return sorted(runs, key=lambda run: run.pairs)[len(runs) // 2]


def run(server: str, contender: str, name: str, options: argparse.Namespace) -> Run:
    answers_shop.forget()
    tokens = answers_shop.tokens(options.invitations)
    with answers_servers.serving(server, CONTENDERS[contender], name) as at:
        # Imports, connections and prepared statements are no part of the work.
        ask_and_check(at.port, tokens[-200:], 30)
        before = answers_servers.cpu_of(at.session)
        seen = ask_and_check(at.port, tokens[:-200], options.seconds, known=200)
        cpu = answers_servers.cpu_of(at.session) - before
        memory = answers_servers.memory_of(at.session)
    took = [seconds for found in seen["took"].values() for seconds in found]
    return Run(
        pairs=seen["pairs"] / seen["seconds"],
        get=spread(seen["took"]["GET"]),
        post=spread(seen["took"]["POST"]),
        worst95=spread(took)[1],
        cpu=1000 * cpu / seen["pairs"],
        memory=memory / 1e6,
    )


def ask_and_check(
    port: int, tokens: list[str], seconds: float, *, known: int = 0
) -> dict:
    """Let the client work; what is stored is what it counted, and nothing was odd."""
    seen = visit(port, tokens, seconds)
    assert set(seen["statuses"]) == {"GET 200", "POST 302"}, seen["statuses"]
    assert answers_shop.stored() == seen["pairs"] + known, (seen["pairs"], known)
    return seen


def visit(
    port: int,
    tokens: list[str],
    seconds: float,
    *,
    pace: float = 0,
    connections: int = CONNECTIONS,
) -> dict:
    """The client's report: what it asked, what came back, and how long each took."""
    work = {
        "port": port,
        "connections": connections,
        "seconds": seconds,
        "tokens": tokens,
        "pace": pace,
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


def tell(server: str, runs: dict[str, Run]) -> None:
    limit, careful, ours = (runs[name] for name in CONTENDERS)
    print(f"\n{server}, 2 processes of 4 threads; p50 / p95 in ms per request\n")
    print(
        f"{'':<28} {'pairs/s':>8} {'x limit':>8} {'GET':>13} {'POST':>13}"
        f" {'CPU ms':>7} {'MB':>5}"
    )
    for name, found in runs.items():
        print(
            f"{name:<28} {found.pairs:8,.0f} {found.pairs / limit.pairs:8.2f}"
            f" {found.get[0]:5.1f} / {found.get[1]:5.1f}"
            f" {found.post[0]:5.1f} / {found.post[1]:5.1f}"
            f" {found.cpu:7.2f} {found.memory:5.0f}"
        )
    print(
        f"\nours is {ours.pairs / limit.pairs:.2f} x the limit (target: 0.7), "
        f"{ours.pairs / careful.pairs:.2f} x careful Django (target: 2.5); "
        f"its p95 is {ours.worst95 / limit.worst95:.2f} x the limit's (target: 2)"
    )


def tell_growth(server: str, name: str, options: argparse.Namespace) -> None:
    """Beside the limit each time, so that a busy machine cannot pass for growth."""
    small = contest(server, name, options)[OURS]
    answers_shop.ask(options.invitations + 1, GROWN)
    first, options.invitations = options.invitations, GROWN
    grown = contest(server, name, options)
    tell(server, grown)
    large = grown[OURS]
    print(
        f"ours with {GROWN:,} invitations: {large.pairs / small.pairs:.2f} x the pairs"
        f"/s of {first:,}, {large.cpu / small.cpu:.2f} x the processor time"
    )
