"""Whoosh: pure Python, for tens of thousands of products. Long texts are left out, they would make it slow.

Its readers are not made for many threads, so one question at a time is answered. Whoosh tells which documents hold a
word, which is remembered while nothing is indexed; what holds for all words, and how much it counts, is worked out on
sets: its own scorers take ten times as long. Documents are changed by number, and segments are not merged while
somebody waits: a commit merges once there are more than `_MOST_SEGMENTS`.
"""

import math
import threading
import warnings
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from heapq import nsmallest
from pathlib import Path
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its text patterns are older than Python's opinion of them
    import whoosh.codec.whoosh3  # noqa: F401 - else imported at the first write, with its warnings
    from whoosh import index as whoosh_index
    from whoosh import query as wq
    from whoosh.analysis import SpaceSeparatedTokenizer
    from whoosh.fields import NUMERIC, TEXT, Schema

from pim.search.contract import as_ours
from pim.search.model import CODE, LABEL, SHORT, AllOf, AnyOf, Field, Hits, Node, Phrase, Prefix, SearchDocument, Term

_ID = "id"
_MOST_SEGMENTS = 24
_MEMORY_MB = 128
_REMEMBERED = 4_000

Leaf = Term | Prefix | Phrase


class Whoosh:
    keeps = frozenset({LABEL, SHORT, CODE})

    def create(self, folder: Path, fields: Sequence[Field]) -> "WhooshIndex":
        folder.mkdir(parents=True, exist_ok=True)
        schema = Schema(**{_ID: NUMERIC(int, bits=64, signed=True, unique=True, sortable=True)})
        for field in fields:
            text = TEXT(analyzer=SpaceSeparatedTokenizer(), phrase=field.rank != CODE)
            text.scorable = False  # lengths of texts are not asked for, and take a fifth of the time to index
            schema.add(field.name, text)
        return WhooshIndex(whoosh_index.create_in(str(folder), schema))

    def open(self, folder: Path, fields: Sequence[Field]) -> "WhooshIndex":
        with _breakage():
            return WhooshIndex(whoosh_index.open_dir(str(folder)))


class WhooshIndex:
    def __init__(self, index: Any) -> None:
        self._index = index
        self._lock = threading.Lock()
        self._searcher = index.searcher()
        self._fields = frozenset(index.schema.names())
        self._ids_by_segment: dict[Any, Sequence[int]] = {}
        self._all_ids: Sequence[int] | None = None
        self._numbers_of: dict[Leaf | None, frozenset[int]] = {}

    def index(self, documents: Iterable[SearchDocument], gone: Collection[int] = ()) -> int:
        with _breakage():
            writer = self._index.writer(limitmb=_MEMORY_MB)
        try:
            added = self._replace(writer, documents, gone)
        except BaseException:
            writer.cancel()
            raise
        segments = len(self._searcher.leaf_searchers())
        with _breakage():
            writer.commit(merge=segments > _MOST_SEGMENTS)
        return added

    def _replace(self, writer: Any, documents: Iterable[SearchDocument], gone: Collection[int]) -> int:
        added = 0
        with self._index.searcher() as searcher:
            for entity_id in gone:
                _delete(writer, searcher, entity_id)
            for document in documents:
                _delete(writer, searcher, document.id)
                _add(writer, self._stored(document))
                added += 1
        return added

    def build(self, documents: Iterable[SearchDocument]) -> int:
        writer = self._index.writer(limitmb=_MEMORY_MB)
        added = 0
        try:
            for document in documents:
                _add(writer, self._stored(document))
                added += 1
        except BaseException:
            writer.cancel()
            raise
        with _breakage():
            writer.commit(merge=False)
        return added

    def refresh(self) -> None:
        with self._lock, _breakage():
            fresh = self._searcher.refresh()
            if fresh is not self._searcher:
                self._searcher, self._numbers_of, self._all_ids = fresh, {}, None

    def query(self, node: Node, limit: int, offset: int = 0, within: Collection[int] | None = None) -> Hits:
        with self._lock, _breakage():
            found = self._matching(node)
            if within is not None:
                found = found & self._numbers(within)
            scores = self._scores(node, found)
            ids = self._ids_by_number()
            best = nsmallest(offset + limit, scores, key=lambda number: (-scores[number], ids[number]))[offset:]
            ranked = zip(self._ids(best), (scores[number] for number in best), strict=True)
            return Hits(tuple(ranked), len(found))

    def ids(self, node: Node) -> Sequence[int]:
        with self._lock, _breakage():
            return self._ids(self._matching(node))

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
            return len(self._held(Term(field, token)))

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

    def _matching(self, node: Node) -> frozenset[int]:
        """Numbers of the documents that match."""
        match node:
            case AnyOf(nodes):
                return frozenset().union(*map(self._matching, nodes))
            case AllOf(nodes, never):
                first, *others = sorted(map(self._matching, nodes), key=len) or [self._held(None)]
                return first.intersection(*others).difference(*map(self._matching, never))
        return self._held(node)

    def _held(self, leaf: Leaf | None) -> frozenset[int]:
        """Numbers of the documents that a leaf matches, of all for None: remembered until something is indexed."""
        leaf = leaf and replace(leaf, boost=1.0)
        known = self._numbers_of.get(leaf)
        if known is None:
            if len(self._numbers_of) >= _REMEMBERED:
                self._numbers_of.clear()
            known = self._numbers_of[leaf] = frozenset(self._searcher.docs_for_query(self._compiled(leaf)))
        return known

    def _scores(self, node: Node, found: frozenset[int]) -> dict[int, float]:
        """Every leaf that matches adds its boost, more the fewer documents it matches."""
        scores = dict.fromkeys(found, 0.0)
        total = self._searcher.doc_count()
        for leaf in set(_leaves(node)):
            held = self._held(leaf)
            weight = leaf.boost * math.log(1 + total / max(len(held), 1))
            for number in held & found:
                scores[number] += weight
        return scores

    def _compiled(self, leaf: Leaf | None) -> Any:
        match leaf:
            case None:
                return wq.Every()
            case Term(field, token) if field in self._fields:
                return wq.Term(field, token)
            case Prefix(field, beginning) if field in self._fields:
                return wq.Prefix(field, beginning)
            case Phrase(field, tokens) if field in self._fields:
                return wq.Phrase(field, list(tokens))
        return wq.NullQuery

    def _ids_by_number(self) -> Sequence[int]:
        """Of all documents, those that are gone too; read once a segment, which never changes."""
        if self._all_ids is None:
            kept: dict[Any, Sequence[int]] = {}
            ids = array("q")
            for searcher, _ in self._searcher.leaf_searchers():
                reader = searcher.reader()
                if not reader.doc_count_all():
                    continue
                key = reader.segment().segment_id()
                known = self._ids_by_segment.get(key)
                kept[key] = known if known is not None else array("q", reader.column_reader(_ID))
                ids.extend(kept[key])
            self._ids_by_segment, self._all_ids = kept, ids
        return self._all_ids

    def _ids(self, numbers: Iterable[int]) -> list[int]:
        ids = self._ids_by_number()
        return [ids[number] for number in numbers]

    def _numbers(self, ids: Collection[int]) -> set[int]:
        wanted = ids if isinstance(ids, set | frozenset) else set(ids)
        return {number for number, one in enumerate(self._ids_by_number()) if one in wanted}


def _leaves(node: Node) -> Iterator[Leaf]:
    """Those that a match speaks for."""
    if isinstance(node, AnyOf | AllOf):
        for one in node.nodes:
            yield from _leaves(one)
    else:
        yield node


def _add(writer: Any, stored: dict[str, Any]) -> None:
    with _breakage():
        writer.add_document(**stored)


def _delete(writer: Any, searcher: Any, entity_id: int) -> None:
    with _breakage():
        number = searcher.document_number(**{_ID: entity_id})
        if number is not None:
            writer.delete_document(number)


@contextmanager
def _breakage() -> Iterator[None]:
    """Whoosh raises anything when its files are not as it left them."""
    try:
        yield
    except Exception as error:
        raise as_ours(error) from error
