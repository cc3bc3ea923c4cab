"""Keys that make twice once, for as long as what was made with them stands."""

from collections.abc import Callable


def standing_key(key: str, *, is_over: Callable[[str], bool]) -> str:
    """The key of what a page asks for, or its next one while `is_over` says that what
    one made no longer stands: whoever sends a page again after an undo has a new wish.
    """
    found, turn = key, 1
    while is_over(found):
        turn += 1
        found = f"{key}:{turn}"
    return found
