"""The garbage collector during bulk work."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_RARELY = (50_000, 20, 50)
_USUALLY = gc.get_threshold()

_lock = Lock()
_inside = 0


@contextmanager
def rare_collections() -> Iterator[None]:
    """Bulk work makes and drops millions of small objects without a cycle among them, which go by themselves: looking
    for cycles every 700 of them took a sixth of an import's time. Several threads may be inside at once; when the last
    one leaves, all is as before."""
    _enter(1)
    try:
        yield
    finally:
        _enter(-1)


def _enter(step: int) -> None:
    global _inside
    with _lock:
        before, _inside = _inside, _inside + step
        if not before:
            gc.freeze()  # what is there by now is here to stay, and not looked at again
            gc.set_threshold(*_RARELY)
        elif not _inside:
            gc.set_threshold(*_USUALLY)
            gc.unfreeze()
