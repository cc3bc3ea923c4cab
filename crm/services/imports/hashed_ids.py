"""Sets and maps of ids by their 64-bit hashes: 16 to 48 bytes for each id.

Python's own hold 100 to 200, which were 250 MB of an import of five million lines. Two
ids of a million have one hash with a chance of one in 40 million.
"""

from array import array
from hashlib import blake2b

_FREE = 0
_SMALLEST = 1_024


def lasting_hash(key: str) -> int:
    """The same in every process, and never 0."""
    data = key.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little") or 1


class IdSet:
    """A set of ids that only grows, and goes on in another process by its bytes."""

    def __init__(self, data: bytes = b"") -> None:
        self._slots = array("Q")
        if data:
            self._slots.frombytes(data)
        else:
            self._slots.frombytes(bytes(8 * _SMALLEST))
        self._used = len(self._slots) - self._slots.count(_FREE)

    def __len__(self) -> int:
        return self._used

    def __contains__(self, key: str) -> bool:
        return bool(self._used) and self.has(lasting_hash(key))

    def has(self, hashed: int) -> bool:
        """Whether this hash is in it."""
        return bool(self._slots[self._place(hashed)])

    def add(self, key: str) -> bool:
        """Whether it is new."""
        return self.add_hash(lasting_hash(key))

    def add_hash(self, hashed: int) -> bool:
        """Add a hash; whether it was new."""
        at = self._place(hashed)
        if self._slots[at]:
            return False
        self._slots[at] = hashed
        self._used += 1
        if 3 * self._used > 2 * len(self._slots):
            self._grow()
        return True

    def as_bytes(self) -> bytes:
        """All of it, for another process to go on with."""
        return self._slots.tobytes()

    def _place(self, hashed: int) -> int:
        """Where it stands, or would."""
        slots, last = self._slots, len(self._slots) - 1
        at = hashed & last
        while (found := slots[at]) and found != hashed:
            at = (at + 1) & last
        return at

    def _grow(self) -> None:
        old = self._slots
        self._slots = array("Q")
        self._slots.frombytes(bytes(16 * len(old)))
        for hashed in old:
            if hashed:
                self._slots[self._place(hashed)] = hashed


class IdMap:
    """External id -> id of a row. For this process only: Python's own hash is the
    quickest, and another process would find nothing by it."""

    def __init__(self) -> None:
        self._keys = array("q", bytes(8 * _SMALLEST))
        self._values = array("q", bytes(8 * _SMALLEST))
        self._used = 0

    def __len__(self) -> int:
        return self._used

    def __setitem__(self, key: str, value: int) -> None:
        self._put(hash(key) or 1, value)
        if 3 * self._used > 2 * len(self._keys):
            self._grow()

    def __contains__(self, key: str) -> bool:
        return bool(self._keys[self._place(hash(key) or 1)])

    def get(self, key: str, default: int) -> int:
        """The number of this key; `default` where it has none."""
        at = self._place(hash(key) or 1)
        return self._values[at] if self._keys[at] else default

    def _put(self, hashed: int, value: int) -> None:
        at = self._place(hashed)
        self._used += not self._keys[at]
        self._keys[at], self._values[at] = hashed, value

    def _place(self, hashed: int) -> int:
        keys, last = self._keys, len(self._keys) - 1
        at = hashed & last
        while (found := keys[at]) and found != hashed:
            at = (at + 1) & last
        return at

    def _grow(self) -> None:
        keys, values = self._keys, self._values
        self._keys = array("q", bytes(16 * len(keys)))
        self._values = array("q", bytes(16 * len(keys)))
        self._used = 0
        for hashed, value in zip(keys, values, strict=True):
            if hashed:
                self._put(hashed, value)
