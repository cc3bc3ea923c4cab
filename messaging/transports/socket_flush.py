"""Has what we wrote left the machine, and did the server keep listening meanwhile?"""

import fcntl
import select
import socket
import sys
import time

# Linux: how much of what we wrote still waits in our own kernel.
_SIOCOUTQNSD = 0x894B
_PAUSE_MOST_MS = 20


def is_answered_early(sock: socket.socket, seconds: float) -> bool:
    """Wait until all that was written is on its way; True: the server came first,
    with words or by hanging up."""
    until = time.monotonic() + seconds
    answers = select.poll()
    answers.register(sock, select.POLLIN)
    pause = 0
    while not answers.poll(pause):
        if not _unsent(sock):
            return False
        if time.monotonic() > until:
            raise TimeoutError("the server takes the mail too slowly")
        pause = min(pause + 1, _PAUSE_MOST_MS)
    return True


def _unsent(sock: socket.socket) -> int:
    """In bytes; 0 where the system does not report it."""
    if sys.platform != "linux":
        return 0
    answer = fcntl.ioctl(sock.fileno(), _SIOCOUTQNSD, bytes(4))
    return int.from_bytes(answer, sys.byteorder)
