"""How often somebody may come. Kept in the memory of one process: several processes allow that many times more."""

import time
from collections.abc import Callable, Hashable
from threading import Lock

_SWEEP = 10_000  # keys, before those that have been away long enough are forgotten


class RateLimit:
    """`burst` at once, `per_second` for as long as one likes (a token bucket a key)."""

    def __init__(self, per_second: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second, self._burst, self._clock = per_second, burst, clock
        self._buckets: dict[Hashable, tuple[float, float]] = {}
        self._lock = Lock()

    def take(self, key: Hashable) -> float:
        """Seconds to wait; 0 when this one may pass, which counts."""
        with self._lock:
            at = self._clock()
            left = self._left(key, at)
            if left < 1:
                return (1 - left) / self._per_second
            self._buckets[key] = (left - 1, at)
            if len(self._buckets) > _SWEEP:
                self._buckets = {
                    one: state for one, state in self._buckets.items() if self._left(one, at) < self._burst
                }
            return 0.0

    def forget(self, key: Hashable) -> None:
        """What this key took does not count."""
        with self._lock:
            self._buckets.pop(key, None)

    def _left(self, key: Hashable, at: float) -> float:
        left, since = self._buckets.get(key, (self._burst, at))
        return min(self._burst, left + (at - since) * self._per_second)
