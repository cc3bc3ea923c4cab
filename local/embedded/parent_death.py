"""Make a process end with the process that started it, however that one ends.

Run as a script this is the shim between us and a server: it drops root, ties the
server's life to ours and becomes the server. The order matters: changing the user
clears the tie, so the tie comes last before exec.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int, death_signal: int = signal.SIGKILL) -> None:
    """Ask the kernel for death_signal when parent ends; end now if it already has.

    Linux sends it when the *thread* that forked us ends, so fork from the main one.
    Elsewhere there is no such call: a left-over is stopped by the next start.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(
        PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0
    )
    if os.getppid() != parent:
        os.kill(os.getpid(), death_signal)


def become(uid: int, gid: int) -> None:
    """Give up root for this user and group, with no other groups."""
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def main(argv: list[str]) -> None:
    """`parent signal owner command…`: become the owner, tie ourselves to the parent and
    run the command in our place."""
    parent, death_signal, owner, *command = argv
    if owner != "-":
        uid, _, gid = owner.partition(":")
        become(int(uid), int(gid))
    die_with_parent(int(parent), int(death_signal))
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
