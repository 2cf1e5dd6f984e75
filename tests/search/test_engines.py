"""Both engines keep the same promises."""

import errno

import pytest

from pim.base.errors import TemporaryFailure
from pim.search.contract import AUTO, WHOOSH, BrokenIndex, as_ours, chosen_engine
from pim.search.engines import ENGINES
from pim.search.model import AllOf, AnyOf, Field, Phrase, Prefix, SearchDocument, Term

NAME, CODE = Field("label", "general", "fr_FR"), Field("code", "", "")
FIELDS = [NAME, CODE, Field("short", "general", "fr_FR")]


def a_document(number: int, *tokens: str, code: str = "") -> SearchDocument:
    return SearchDocument(number, {NAME.name: tokens, CODE.name: [code] if code else []})


DOCUMENTS = [
    a_document(1, "tent", "bivouac", code="tenbiv2"),
    a_document(2, "tent", "|", "bivouac", code="tenbiv3"),
    a_document(3, "lamp", "bivouac", code="lamp1"),
    a_document(4, "lamp", "solair", code="lamp2"),
]


@pytest.fixture(params=sorted(ENGINES))
def engine(request):
    return ENGINES[request.param]


@pytest.fixture
def index(engine, tmp_path):
    made = engine.create(tmp_path / "index", FIELDS)
    made.build(DOCUMENTS)
    made.refresh()
    return made


def a_term(token: str) -> Term:
    return Term(NAME.name, token)


TREES = [
    (a_term("tent"), {1, 2}),
    (Term(NAME.name, "nothing"), set()),
    (Term("label.other.fr_FR", "tent"), set()),
    (Term(CODE.name, "lamp1"), {3}),
    (Prefix(CODE.name, "lamp"), {3, 4}),
    (Prefix(NAME.name, "b"), {1, 2, 3}),
    (Phrase(NAME.name, ("tent", "bivouac")), {1}),
    (AnyOf((a_term("solair"), a_term("tent"))), {1, 2, 4}),
    (AnyOf(()), set()),
    (AllOf((a_term("bivouac"), AnyOf((a_term("tent"), a_term("lamp"))))), {1, 2, 3}),
    (AllOf((a_term("bivouac"),), (a_term("tent"),)), {3}),
    (AllOf((), (a_term("tent"),)), {3, 4}),
    (AllOf((), (a_term("nothing"),)), {1, 2, 3, 4}),
]


def with_documents_gone(index):
    """The same, after others have been there."""
    index.index([a_document(number, "hammock", "tent") for number in range(4, 9)])
    index.index([DOCUMENTS[-1]], gone=range(5, 9))
    index.refresh()
    return index


@pytest.mark.parametrize(("node", "wanted"), TREES)
def test_what_is_gone_is_not_found(index, node, wanted):
    assert set(with_documents_gone(index).ids(node)) == wanted


def test_a_token_of_documents_that_are_gone_occurs_no_more(index):
    assert [with_documents_gone(index).frequency(NAME.name, token) for token in ("hammock", "tent")] == [0, 2]


def test_a_page_far_behind_the_end_is_empty(index):
    assert index.query(a_term("tent"), 10, index.count()).ranked == ()


@pytest.mark.parametrize(("node", "wanted"), TREES)
def test_a_tree_finds_the_documents_it_describes(index, node, wanted):
    assert set(index.ids(node)) == wanted
    hits = index.query(node, 10)
    assert {found for found, _ in hits.ranked} == wanted
    assert hits.count == len(wanted)


def test_a_document_that_says_it_in_a_boosted_field_comes_first(index):
    hits = index.query(AnyOf((Term(NAME.name, "tent"), Term(CODE.name, "lamp2", 50.0))), 10)
    assert hits.ranked[0][0] == 4
    assert [score for _, score in hits.ranked] == sorted((score for _, score in hits.ranked), reverse=True)


def test_pages_follow_each_other_without_gap_or_repetition(index):
    node = a_term("bivouac")
    pages = [index.query(node, 1, offset).ranked[0][0] for offset in range(3)]
    assert sorted(pages) == [1, 2, 3]
    assert index.query(node, 1, 3).ranked == ()


def test_only_those_within_are_found_and_counted(index):
    hits = index.query(a_term("bivouac"), 1, 0, [2, 3, 4])
    assert hits.count == 2
    assert index.query(a_term("bivouac"), 1, 0, []).count == 0


def test_a_document_takes_the_place_of_the_one_with_its_id(index):
    index.index([a_document(1, "hamac")], gone=[4])
    index.refresh()
    assert set(index.ids(a_term("tent"))) == {2}
    assert index.query(a_term("hamac"), 5).ranked[0][0] == 1
    assert index.query(a_term("hamac"), 5, 0, {1}).count == 1
    assert index.count() == 3


def test_readers_see_what_was_indexed_after_their_next_refresh(engine, index, tmp_path):
    other = engine.open(tmp_path / "index", FIELDS)
    index.index([a_document(9, "hamac")])
    other.refresh()
    assert list(other.ids(a_term("hamac"))) == [9]


def test_an_update_that_breaks_off_leaves_the_index_as_it_was(engine, index, tmp_path):
    def breaking():
        yield a_document(1, "hamac")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        index.index(breaking(), gone=[2])
    again = engine.open(tmp_path / "index", FIELDS)
    assert set(again.ids(a_term("tent"))) == {1, 2}
    again.index([a_document(5, "hamac")])
    again.refresh()
    assert again.count() == 5


def test_tokens_are_listed_with_how_many_hold_them(index):
    assert dict(index.tokens(NAME.name, "b", 10)) == {"bivouac": 3}
    assert len(index.tokens(NAME.name, "", 2)) == 2
    assert index.frequency(NAME.name, "tent") == 2
    assert index.frequency(NAME.name, "nothing") == index.frequency("label.other.fr_FR", "tent") == 0


def test_a_folder_without_an_index_is_told(engine, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(BrokenIndex):
        engine.open(tmp_path / "empty", FIELDS)


@pytest.mark.parametrize(
    ("setting", "products", "wanted"),
    [(AUTO, 50_000, "whoosh"), (AUTO, 50_001, "tantivy"), ("whoosh", 10**6, "whoosh"), ("tantivy", 1, "tantivy")],
)
def test_the_engine_is_chosen_by_size_unless_it_is_named(setting, products, wanted):
    assert chosen_engine(setting, products) == wanted


def test_a_page_goes_on_where_the_one_before_ended_whatever_was_edited_between(tmp_path):
    """Tantivy orders those that are equally good by their places, which an edit changes."""
    index = ENGINES[WHOOSH].create(tmp_path / "index", FIELDS)
    index.build([a_document(number, "tent") for number in range(1, 21)])
    index.refresh()
    first = [number for number, _ in index.query(a_term("tent"), 10).ranked]
    index.index([a_document(first[2], "tent", "hammock")])
    index.refresh()
    second = [number for number, _ in index.query(a_term("tent"), 10, 10).ranked]
    assert sorted(first + second) == list(range(1, 21))


def test_a_machine_without_room_is_no_damage():
    assert isinstance(as_ours(OSError(errno.ENOSPC, "No space left on device")), TemporaryFailure)
    assert isinstance(as_ours(OSError(errno.EIO, "Input/output error")), BrokenIndex)
