"""Which codes a file has named so far, in a few bytes each: a million lines need no more than some megabytes."""

from array import array
from hashlib import blake2b


class SeenCodes:
    """Code → line of its first mention. Codes are kept as 64-bit digests in an open hash table."""

    def __init__(self) -> None:
        self._digests = array("Q", bytes(8 * 1024))
        self._lines = array("Q", bytes(8 * 1024))
        self._count = 0

    def first_line(self, code: str, line: int) -> int | None:
        """The line on which `code` was seen before; None, and remembered, when it is new."""
        digest = int.from_bytes(blake2b(code.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little") or 1
        at = self._slot(digest)
        if self._digests[at]:
            return self._lines[at]
        self._digests[at], self._lines[at] = digest, line
        self._count += 1
        if self._count * 3 > len(self._digests) * 2:
            self._grow()
        return None

    def _slot(self, digest: int) -> int:
        mask = len(self._digests) - 1
        at = digest & mask
        while self._digests[at] not in (0, digest):
            at = (at + 1) & mask
        return at

    def _grow(self) -> None:
        digests, lines = self._digests, self._lines
        empty = bytes(16 * len(digests))
        self._digests, self._lines = array("Q", empty), array("Q", empty)
        for digest, line in zip(digests, lines, strict=True):
            if digest:
                at = self._slot(digest)
                self._digests[at], self._lines[at] = digest, line
