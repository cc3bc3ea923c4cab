"""Ports for servers that a test starts itself."""

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle

# Below those that the kernel gives to whoever connects somewhere or binds to port 0.
# Such a one may be taken again in the seconds that a server needs to start.
_FIRST, _SHARES, _SHARE = 10_100, 220, 100


def _share() -> Iterator[int]:
    """A hundred that most other processes pass over."""
    first = _FIRST + os.getpid() % _SHARES * _SHARE
    return cycle(range(first, first + _SHARE))


_numbers = _share()


def free_port() -> int:
    """One of 127.0.0.1 that nobody has; the same one again only after many others."""
    for port in _numbers:
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("unreachable: the numbers have no end")
