"""SPF, DKIM and DMARC, and whose results count (RFC 8601)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

METHODS = ("spf", "dkim", "dmarc")
# How a server is called that gives no name, as Microsoft's do.
NAMELESS = "-"
_BAD = frozenset({"fail", "softfail", "permerror"})
_RESULT = re.compile(r"\b(spf|dkim|dmarc)\s*=\s*([a-z]{2,12})\b", re.IGNORECASE)
_SERVER = re.compile(r'\s*"?([^\s;="]{1,253})"?\s*(?:\d+\s*)?(?:;|$)')
# A comment may say anything, "dkim=pass" too.
_COMMENT = re.compile(r"\([^()]*\)")
# Mails that agree who checks, and the domains they come from.
_AGREEING, _DOMAINS = 10, 3


@dataclass(frozen=True)
class Checked:
    """One Authentication-Results: who says so, and what."""

    server: str
    results: Mapping[str, str]


def checked(header: str) -> Checked:
    """What the header says. Of several results of a method a pass is enough: one
    signature that holds is."""
    plain = _COMMENT.sub("", header)
    name = _SERVER.match(plain)
    results: dict[str, str] = {}
    for method, result in _RESULT.findall(plain):
        if results.get(method.lower()) != "pass":
            results[method.lower()] = result.lower()
    return Checked(name[1].lower() if name else NAMELESS, results)


def counting(headers: Sequence[Checked], server: str) -> dict[str, str]:
    """What our own server found, the topmost header first. `server` is its name, or
    the domain of several; "" where we do not know it: then nothing counts, as any
    header may be the sender's."""
    found: dict[str, str] = {}
    for one in headers:
        if server and (one.server == server or one.server.endswith(f".{server}")):
            found = {**one.results, **found}
    return found


def agreed(seen: Sequence[tuple[str, str]]) -> str:
    """The server that the last mails have in common at their top, of pairs of server
    and sender; "" where they do not. Nobody writes for several domains."""
    last = seen[:_AGREEING]
    servers = {server for server, _ in last}
    domains = {address.rpartition("@")[2].lower() for _, address in last}
    if len(last) < _AGREEING or len(servers) > 1 or len(domains) < _DOMAINS:
        return ""
    return servers.pop()


def bad(results: Mapping[str, str]) -> list[str]:
    """The methods that failed."""
    return [name for name in METHODS if results.get(name) in _BAD]
