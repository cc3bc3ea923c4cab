"""Who is asked for by "@Name" in a note."""

from collections.abc import Mapping


def mentioned(text: str, people: Mapping[int, str]) -> set[int]:
    """The ids of those whose whole name stands behind an @; of two names of which one
    begins the other, the longer one is meant. Capitals make no difference."""
    found: set[int] = set()
    longest_first = sorted(people.items(), key=lambda one: -len(one[1]))
    folded = text.casefold()
    for at, letter in enumerate(folded):
        if letter != "@" or (at and folded[at - 1].isalnum()):
            continue
        behind = folded[at + 1 :]
        for pk, name in longest_first:
            rest = behind[len(name.casefold()) :]
            if name and behind.startswith(name.casefold()) and not rest[:1].isalnum():
                found.add(pk)
                break
    return found
