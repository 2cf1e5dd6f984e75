"""What an engine promises. Two keep the promise: Whoosh for catalogues up to `WHOOSH_MOST` products, tantivy beyond."""

import errno
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from pim.base.errors import TemporaryFailure
from pim.search.model import Field, Hits, Node, SearchDocument

WHOOSH = "whoosh"
TANTIVY = "tantivy"
AUTO = "auto"

WHOOSH_MOST = 50_000

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM)


class BrokenIndex(Exception):
    """The files of an index are damaged or missing; whoever meets it builds a new one."""


def as_ours(error: BaseException) -> Exception:
    """What an engine raised: damage, but for what the machine has no room for at the moment."""
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return TemporaryFailure(f"the search index cannot be used now: {error.strerror}; it goes on when there is room")
    return BrokenIndex(f"{type(error).__name__}: {error}")


class SearchIndex(Protocol):
    """An index in a folder of its own, readable from many threads and processes. Whoever writes has locked out all
    others (`index_home.writing`). What was indexed is seen by readers after their next `refresh`."""

    def index(self, documents: Iterable[SearchDocument], gone: Collection[int] = ()) -> int:
        """Adds documents, each in the place of the one with its id, and takes away those that are gone: all of it, or
        after a crash nothing. How many were added."""

    def build(self, documents: Iterable[SearchDocument]) -> int:
        """The same for an empty index and any number of documents, none of them twice."""

    def refresh(self) -> None:
        """Readers see what was indexed last."""

    def query(self, node: Node, limit: int, offset: int = 0, within: Collection[int] | None = None) -> Hits:
        """The best first; only those `within`, if given."""

    def ids(self, node: Node) -> Sequence[int]:
        """Everything that matches, in no order."""

    def tokens(self, field: str, beginning: str, limit: int) -> Sequence[tuple[str, int]]:
        """Tokens of a field that begin so, at most `limit`, with the number of documents that hold them. Documents that
        are gone may count still."""

    def frequency(self, field: str, token: str) -> int:
        """How many documents hold a token, none of them gone."""

    def count(self) -> int:
        """How many documents there are."""

    def close(self) -> None: ...


class Engine(Protocol):
    """How indexes are made and opened. `keeps` are the ranks of fields that the engine has room for."""

    keeps: frozenset[str]

    def create(self, folder: Path, fields: Sequence[Field]) -> SearchIndex: ...

    def open(self, folder: Path, fields: Sequence[Field]) -> SearchIndex:
        """Raises BrokenIndex."""


def chosen_engine(setting: str, products: int) -> str:
    """By `PIM_SEARCH` and the number of products that there are when an index is built."""
    if setting != AUTO:
        return setting
    return WHOOSH if products <= WHOOSH_MOST else TANTIVY
