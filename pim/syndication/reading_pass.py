"""Reading roots once, for all exports that need them."""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from pim.base.errors import PimError
from pim.catalog.model import Root
from pim.syndication.render import ExportRendering
from pim.syndication.segments import begins_segment

MOST_NEW = 50_000
"""Objects that may gather before Python looks for cycles among them: what some hundreds of documents are made of."""
_USUAL = gc.get_threshold()

Failed = Callable[[str, PimError], None]


def render_roots(
    roots: Iterable[Root],
    renderings: dict[str, ExportRendering],
    failed: Failed,
    *,
    start: str = "",
    until: str | None = None,
    count: Callable[[], None] = lambda: None,
) -> None:
    """Gives every root of the range to all, and cuts all files where a root's hash says. What one rendering cannot do
    ends that rendering: it leaves `renderings`, and `failed` hears its name and the reason."""
    with _rare_collections():
        for root in roots:
            begins = root.key != start and begins_segment(root.key)
            for name, rendering in list(renderings.items()):
                try:
                    if begins:
                        rendering.cut(root.key)
                    rendering.take(root)
                except PimError as error:
                    renderings.pop(name).abandon()
                    failed(name, error)
            count()
    for rendering in renderings.values():
        rendering.cut(until)


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Documents and items come and go by the thousand and hold no cycles; looking for some takes a tenth of the run."""
    gc.set_threshold(MOST_NEW, *_USUAL[1:])
    try:
        yield
    finally:
        gc.set_threshold(*_USUAL)
