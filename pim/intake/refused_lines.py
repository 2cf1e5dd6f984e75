"""Which lines were left out, one bit each: a second pass over a file leaves them out too."""

from collections.abc import Iterable


class RefusedLines:
    def __init__(self, known: Iterable[tuple[str, int]] = ()) -> None:
        self._bits: dict[str, bytearray] = {}
        for file, line in known:
            self.add(file, line)

    def add(self, file: str, line: int) -> None:
        bits = self._bits.setdefault(file, bytearray())
        if len(bits) <= line >> 3:
            bits.extend(bytes((line >> 3) + 1024 - len(bits)))
        bits[line >> 3] |= 1 << (line & 7)

    def __contains__(self, place: tuple[str, int]) -> bool:
        file, line = place
        bits = self._bits.get(file, b"")
        return line >> 3 < len(bits) and bool(bits[line >> 3] & 1 << (line & 7))
