"""Whoosh: pure Python, for tens of thousands of products. Long texts are left out, they would make it slow.

Its readers are not made for many threads, so one question at a time is answered. Documents are changed by number, and
segments are not merged while somebody waits: a commit merges once there are more than `_MOST_SEGMENTS`.
"""

import pickle
import struct
import threading
import warnings
from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its text patterns are older than Python's opinion of them
    import whoosh.codec.whoosh3  # noqa: F401 - else imported at the first write, with its warnings
    from whoosh import index as whoosh_index
    from whoosh import query as wq
    from whoosh.analysis import SpaceSeparatedTokenizer
    from whoosh.fields import NUMERIC, TEXT, Schema
    from whoosh.filedb.filetables import FileFormatError

from pim.search.contract import BrokenIndex
from pim.search.model import CODE, LABEL, SHORT, AllOf, AnyOf, Field, Hits, Node, Phrase, Prefix, SearchDocument, Term

_ID = "id"
_MOST_SEGMENTS = 24
_MEMORY_MB = 128


class Whoosh:
    keeps = frozenset({LABEL, SHORT, CODE})

    def create(self, folder: Path, fields: Sequence[Field]) -> "WhooshIndex":
        folder.mkdir(parents=True, exist_ok=True)
        schema = Schema(**{_ID: NUMERIC(int, bits=64, signed=True, unique=True, sortable=True)})
        for field in fields:
            schema.add(field.name, TEXT(analyzer=SpaceSeparatedTokenizer(), phrase=field.rank != CODE))
        return WhooshIndex(whoosh_index.create_in(str(folder), schema))

    def open(self, folder: Path, fields: Sequence[Field]) -> "WhooshIndex":
        with _breakage(ValueError, KeyError, pickle.UnpicklingError):
            return WhooshIndex(whoosh_index.open_dir(str(folder)))


class WhooshIndex:
    def __init__(self, index: Any) -> None:
        self._index = index
        self._lock = threading.Lock()
        self._searcher = index.searcher()
        self._fields = frozenset(index.schema.names())
        self._ids_by_segment: dict[Any, Sequence[int]] = {}

    def index(self, documents: Iterable[SearchDocument], gone: Collection[int] = ()) -> int:
        with _breakage():
            writer = self._index.writer(limitmb=_MEMORY_MB)
        try:
            added = self._replace(writer, documents, gone)
        except BaseException:
            writer.cancel()
            raise
        segments = len(self._searcher.leaf_searchers())
        writer.commit(merge=segments > _MOST_SEGMENTS)
        return added

    def _replace(self, writer: Any, documents: Iterable[SearchDocument], gone: Collection[int]) -> int:
        added = 0
        with self._index.searcher() as searcher:
            for entity_id in gone:
                _delete(writer, searcher, entity_id)
            for document in documents:
                _delete(writer, searcher, document.id)
                writer.add_document(**self._stored(document))
                added += 1
        return added

    def build(self, documents: Iterable[SearchDocument]) -> int:
        writer = self._index.writer(limitmb=_MEMORY_MB)
        added = 0
        try:
            for document in documents:
                writer.add_document(**self._stored(document))
                added += 1
        except BaseException:
            writer.cancel()
            raise
        writer.commit(merge=False)
        return added

    def refresh(self) -> None:
        with self._lock, _breakage():
            self._searcher = self._searcher.refresh()

    def query(self, node: Node, limit: int, offset: int = 0, within: Collection[int] | None = None) -> Hits:
        with self._lock, _breakage():
            numbers = self._numbers(within) if within is not None else None
            if numbers is not None and not numbers:
                return Hits((), 0)
            found = self._searcher.search(self._compiled(node), limit=offset + limit, filter=numbers)
            best = found.top_n[offset:]
            ranked = zip(self._ids(number for _, number in best), (score for score, _ in best), strict=True)
            return Hits(tuple(ranked), len(found))

    def ids(self, node: Node) -> Sequence[int]:
        with self._lock, _breakage():
            return self._ids(self._searcher.docs_for_query(self._compiled(node)))

    def tokens(self, field: str, beginning: str, limit: int) -> Sequence[tuple[str, int]]:
        if field not in self._fields:
            return []
        with self._lock, _breakage():
            reader = self._searcher.reader()
            found: list[tuple[str, int]] = []
            for token in reader.expand_prefix(field, beginning):
                found.append((token.decode(), reader.doc_frequency(field, token)))
                if len(found) == limit:
                    break
            return found

    def frequency(self, field: str, token: str) -> int:
        with self._lock, _breakage():
            return int(self._searcher.reader().doc_frequency(field, token)) if field in self._fields else 0

    def count(self) -> int:
        with self._lock:
            return int(self._searcher.doc_count())

    def close(self) -> None:
        with self._lock:
            self._searcher.close()
            self._index.close()

    def _stored(self, document: SearchDocument) -> dict[str, Any]:
        own = {name: list(tokens) for name, tokens in document.tokens.items() if name in self._fields and tokens}
        return {_ID: document.id, **own}

    def _compiled(self, node: Node) -> Any:
        match node:
            case Term(field, token, boost):
                return wq.Term(field, token, boost=boost) if field in self._fields else wq.NullQuery
            case Prefix(field, beginning, boost):
                return wq.Prefix(field, beginning, boost=boost) if field in self._fields else wq.NullQuery
            case Phrase(field, tokens, boost):
                return wq.Phrase(field, list(tokens), boost=boost) if field in self._fields else wq.NullQuery
            case AnyOf(nodes):
                return wq.Or([self._compiled(one) for one in nodes]).normalize()
            case AllOf(nodes, never):
                wanted = wq.And([self._compiled(one) for one in nodes]).normalize() if nodes else wq.Every(_ID)
                if not never:
                    return wanted
                return wq.AndNot(wanted, wq.Or([self._compiled(one) for one in never]).normalize())

    def _segments(self) -> list[tuple[int, Sequence[int]]]:
        """(number of the first document, ids of all) of each segment; read once, for a segment never changes."""
        kept: dict[Any, Sequence[int]] = {}
        found: list[tuple[int, Sequence[int]]] = []
        for searcher, offset in self._searcher.leaf_searchers():
            reader = searcher.reader()
            if not reader.doc_count_all():
                continue
            key = reader.segment().segment_id()
            known = self._ids_by_segment.get(key)
            kept[key] = known if known is not None else array("q", reader.column_reader(_ID))
            found.append((offset, kept[key]))
        self._ids_by_segment = kept
        return found

    def _ids(self, numbers: Iterable[int]) -> list[int]:
        segments = self._segments()
        offsets = [offset for offset, _ in segments]
        found: list[int] = []
        for number in numbers:
            offset, held = segments[bisect_right(offsets, number) - 1]
            found.append(held[number - offset])
        return found

    def _numbers(self, ids: Collection[int]) -> set[int]:
        wanted = ids if isinstance(ids, set | frozenset) else set(ids)
        return {offset + n for offset, held in self._segments() for n, one in enumerate(held) if one in wanted}


def _delete(writer: Any, searcher: Any, entity_id: int) -> None:
    number = searcher.document_number(**{_ID: entity_id})
    if number is not None:
        writer.delete_document(number)


@contextmanager
def _breakage(*others: type[Exception]) -> Iterator[None]:
    """What Whoosh raises when its files are not as it left them."""
    try:
        yield
    except (whoosh_index.IndexError, FileFormatError, OSError, EOFError, struct.error, *others) as error:
        raise BrokenIndex(f"{type(error).__name__}: {error}") from error
