"""Tantivy: written in Rust, for millions of products, long texts among them."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import tantivy
from tantivy import Occur, Query

from pim.search.contract import as_ours
from pim.search.model import (
    CODE,
    LABEL,
    LONG,
    SHORT,
    AllOf,
    AnyOf,
    Field,
    Hits,
    Node,
    Phrase,
    Prefix,
    SearchDocument,
    Term,
)

_ID = "id"
_PANIC = "PanicException"
"""What a panic in Rust is raised as; it is no Exception, and cannot be imported."""
_MEMORY = 64_000_000
"""Bytes that a writer may hold before it writes."""


class Tantivy:
    keeps = frozenset({LABEL, SHORT, LONG, CODE})

    def create(self, folder: Path, fields: Sequence[Field]) -> "TantivyIndex":
        folder.mkdir(parents=True, exist_ok=True)
        return TantivyIndex(tantivy.Index(_schema(fields), str(folder), reuse=False), fields)

    def open(self, folder: Path, fields: Sequence[Field]) -> "TantivyIndex":
        with _breakage():
            return TantivyIndex(tantivy.Index.open(str(folder)), fields)


def _schema(fields: Sequence[Field]) -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field(_ID, indexed=True, fast=True)
    for field in fields:
        option = "basic" if field.rank == CODE else "position"
        builder.add_text_field(field.name, tokenizer_name="whitespace", index_option=option)
    return builder.build()


class TantivyIndex:
    def __init__(self, index: tantivy.Index, fields: Sequence[Field]) -> None:
        self._index = index
        self._schema = index.schema
        self._fields = frozenset(field.name for field in fields)
        self._codes = frozenset(field.name for field in fields if field.rank == CODE)
        self.refresh()

    def index(self, documents: Iterable[SearchDocument], gone: Collection[int] = ()) -> int:
        return self._write(documents, gone, replacing=True)

    def build(self, documents: Iterable[SearchDocument]) -> int:
        return self._write(documents, (), replacing=False)

    def _write(self, documents: Iterable[SearchDocument], gone: Collection[int], replacing: bool) -> int:
        added = 0
        with _breakage():
            writer = self._index.writer(_MEMORY, 1)
            for entity_id in gone:
                writer.delete_documents_by_term(_ID, entity_id)
        for document in documents:
            with _breakage():
                if replacing:
                    writer.delete_documents_by_term(_ID, document.id)
                writer.add_document(self._stored(document))
            added += 1
        with _breakage():
            writer.commit()
            writer.garbage_collect_files()
            writer.wait_merging_threads()
        return added

    def refresh(self) -> None:
        with _breakage():
            self._index.reload()
            self._searcher = self._index.searcher()

    def query(self, node: Node, limit: int, offset: int = 0, within: Collection[int] | None = None) -> Hits:
        wanted = self._compiled(node)
        if within is not None:
            among = Query.const_score_query(Query.term_set_query(self._schema, _ID, list(within)), 0.0)
            wanted = Query.boolean_query([(Occur.Must, wanted), (Occur.Must, among)])
        searcher = self._searcher
        with _breakage():
            found = searcher.search(wanted, limit=limit, offset=offset)
            ids = searcher.fast_field_values(_ID, [place for _, place in found.hits])
        ranked = ((int(entity_id or 0), float(score)) for entity_id, (score, _) in zip(ids, found.hits, strict=True))
        return Hits(tuple(ranked), _count(found))

    def ids(self, node: Node) -> Sequence[int]:
        searcher = self._searcher
        with _breakage():
            found = searcher.search(
                self._compiled(node), limit=max(searcher.num_docs, 1), count=False, order_by_field=_ID
            )
        return [entity_id for entity_id, _ in found.hits]

    def tokens(self, field: str, beginning: str, limit: int) -> Sequence[tuple[str, int]]:
        if field not in self._fields:
            return []
        with _breakage():
            return self._searcher.terms_with_prefix(field, beginning, limit=limit)

    def frequency(self, field: str, token: str) -> int:
        with _breakage():
            return _count(self._searcher.search(self._compiled(Term(field, token)), limit=1))

    def count(self) -> int:
        return self._searcher.num_docs

    def close(self) -> None:
        """Nothing is held but mapped files, which go with the object."""

    def _stored(self, document: SearchDocument) -> tantivy.Document:
        stored = tantivy.Document()
        stored.add_integer(_ID, document.id)
        for name, tokens in document.tokens.items():
            if name in self._fields:
                stored.add_text(name, " ".join(tokens))
        return stored

    def _compiled(self, node: Node) -> Query:
        match node:
            case Term(field, token, boost):
                if field not in self._fields:
                    return Query.empty_query()
                option = "basic" if field in self._codes else "position"
                return _boosted(Query.term_query(self._schema, field, token, option), boost)
            case Prefix(field, beginning, boost):
                if field not in self._fields:
                    return Query.empty_query()
                return _boosted(Query.regex_query(self._schema, field, beginning.replace(".", r"\.") + ".*"), boost)
            case Phrase(field, tokens, boost):
                if field not in self._fields:
                    return Query.empty_query()
                return _boosted(Query.phrase_query(self._schema, field, list(tokens)), boost)
            case AnyOf(nodes):
                return Query.boolean_query([(Occur.Should, self._compiled(one)) for one in nodes])
            case AllOf(nodes, never):
                wanted = [(Occur.Must, self._compiled(one)) for one in nodes] or [(Occur.Must, Query.all_query())]
                return Query.boolean_query([*wanted, *((Occur.MustNot, self._compiled(one)) for one in never)])


def _count(found: tantivy.SearchResult) -> int:
    count: int = getattr(found, "count")  # noqa: B009 - the stubs forget it
    return count


def _boosted(query: Query, boost: float) -> Query:
    return query if boost == 1.0 else Query.boost_query(query, boost)


@contextmanager
def _breakage() -> Iterator[None]:
    """Tantivy tells everything as ValueError or OSError, or panics."""
    try:
        yield
    except BaseException as error:
        if isinstance(error, ValueError | OSError) or type(error).__name__ == _PANIC:
            raise as_ours(error) from error
        raise
