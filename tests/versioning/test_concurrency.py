"""Several writers at once: nothing is lost, revisions have no gaps, and who comes second is told."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlmodel import col

from pim.base.database import Database
from pim.catalog import store
from pim.catalog.merge import by_place
from pim.versioning.commit import commit_changeset
from pim.versioning.derive import catch_up
from pim.versioning.model import Committed, Edit
from pim.versioning.store import head_revision, lock_head
from pim.versioning.tables import ChangeRow, ChangesetRow
from tests.makers import (
    NOW,
    ORIGIN,
    a_family,
    a_product,
    a_product_model,
    a_record,
    brands_and_packshots,
    commit,
    messages,
    value,
    values,
)
from tests.versioning.derived import assert_derived
from tests.versioning.test_associations import associations, pointing
from tests.versioning.test_batches import accepted, product, statuses

SHOE = a_product_model("shoe", family="shoes", family_variant="shoes_color")
REQUIRING = a_family(
    "shoes", ["sku", "name", "ean", "color", "size", "weight", "price"], attribute_requirements={"web": ["name", "ean"]}
)
RED = a_product("shoe-red", parent="shoe", values=values(color="red"))


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """All of `works`, begun together, each in a thread of its own."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        barrier.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result() for future in [pool.submit(run, work) for work in works]]


@contextmanager
def uncommitted(database: Database, *edits: Edit) -> Iterator[None]:
    """`edits` are written, and committed only when the block ends."""
    with database.session() as session:
        assert messages(commit_changeset(session, edits, ORIGIN, NOW)) == []
        yield


def meanwhile(database: Database, first: list[Edit], work: Callable[[], Any]) -> Any:
    """Begins `work` while `first` is written but not committed, and commits once `work` waits for it."""
    with ThreadPoolExecutor(1) as pool:
        with uncommitted(database, *first):
            future = pool.submit(work)
            _wait_for_the_lock(database, future)
        return future.result()


def _wait_for_the_lock(database: Database, future: "Future[Any]") -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    patience = monotonic() + 10
    while monotonic() < patience and not future.done():
        with database.session() as session:
            if session.execute(waiting).scalar_one():
                return
        sleep(0.01)
    raise AssertionError("nobody waited")


def second(database: Database, first: list[Edit], *edits: Edit) -> Committed:
    committed: Committed = meanwhile(database, first, lambda: commit(database, *edits))
    return committed


def logged(database: Database, path: str) -> list[Any]:
    with database.session() as session:
        query = select(col(ChangeRow.new)).where(col(ChangeRow.path) == path).order_by(col(ChangeRow.revision))
        return list(session.execute(query).scalars())


def test_writers_of_different_values_of_one_product_lose_nothing(catalogue):
    accepted(catalogue, a_product("a"), a_product("b"), a_product("hat"))
    writes = [
        [a_product("hat", values={"name": value(f"{locale}{turn}", locale)}) for turn in range(5)]
        for locale in ("fr_FR", "en_GB")
    ]
    writes.append([a_product("hat", values=values(pages=turn + 1)) for turn in range(5)])
    writes.append([pointing("hat", "upsell", "a"), pointing("hat", "pair", "b")])
    writes.append([a_product("hat", categories=["home"])])
    at_once(*([lambda own=own: [accepted(catalogue, edit) for edit in own] for own in writes]))

    hat = product(catalogue, "hat").document
    assert by_place(hat["values"]["name"]) == {("fr_FR", None): "fr_FR4", ("en_GB", None): "en_GB4"}
    assert hat["values"]["pages"] == value(5)
    assert set(hat["associations"]) == {"upsell", "pair"}
    assert hat["categories"] == ["home"]
    assert sorted(map(str, logged(catalogue, "values"))) == sorted(
        [f"{locale}{turn}" for locale in ("fr_FR", "en_GB") for turn in range(5)] + [str(n + 1) for n in range(5)]
    )
    assert_derived(catalogue)


def test_two_writers_of_the_same_value_the_last_wins_and_the_log_keeps_both(catalogue):
    accepted(catalogue, a_product("hat"))
    committed = second(catalogue, [a_product("hat", values=values(pages=1))], a_product("hat", values=values(pages=2)))
    assert product(catalogue, "hat").document["values"]["pages"] == value(2)
    assert logged(catalogue, "values") == [1, 2]
    assert [(change.old, change.new) for change in committed.changes] == [(1, 2)]


def test_revisions_have_no_gaps_and_stand_in_the_order_of_their_commits(catalogue):
    start = accepted(catalogue, a_product("hat", values=values(pages=1000))).revision or 0

    def write(thread: int) -> list[int]:
        revisions = []
        for turn in range(5):
            commit(catalogue, a_product("bad", family="nil"))  # refused: takes no number
            committed = accepted(catalogue, a_product("hat", values=values(pages=thread * 10 + turn + 1)))
            revisions.append(committed.revision or 0)
        return revisions

    found = at_once(*([lambda thread=thread: write(thread) for thread in range(3)]))
    assert sorted(revision for own in found for revision in own) == list(range(start + 1, start + 16))
    with catalogue.session() as session:
        olds = session.execute(
            select(col(ChangeRow.old), col(ChangeRow.new)).where(col(ChangeRow.revision) > start)
            .order_by(col(ChangeRow.revision))
        ).all()  # fmt: skip
        assert session.execute(select(func.count(col(ChangesetRow.revision)))).scalar_one() == head_revision(session)
    assert [row.old for row in olds] == [1000, *[row.new for row in olds[:-1]]]


def test_a_reader_never_sees_a_revision_without_its_changes(catalogue):
    done, seen = Event(), []

    def read() -> None:
        while not done.is_set():
            with catalogue.snapshot_session() as session:
                revision = head_revision(session)
                changed = session.execute(select(func.max(col(ChangeRow.revision)))).scalar_one()
                newest = max((entity.revision for entity in store.products(session)), default=revision)
                seen.append((revision, changed, newest))

    def write() -> None:
        for turn in range(15):
            accepted(catalogue, a_product("hat", values=values(pages=turn + 1)))
        done.set()

    at_once(write, read)
    assert len(seen) > 3
    assert [(changed, newest) for _, changed, newest in seen] == [(revision, revision) for revision, _, _ in seen]


def test_nobody_holds_the_lock_while_validating(catalogue):
    """With the head locked by somebody else, all goes on as far as writing."""
    accepted(catalogue, a_product("hat", values=values(pages=1)))
    with ThreadPoolExecutor(1) as pool, catalogue.session() as holder:
        lock_head(holder)
        refused = pool.submit(
            commit, catalogue, a_product("hat", family="nil"), a_product("hat", values=values(pages=1))
        )
        assert statuses(refused.result(timeout=10)) == ["rejected", "unchanged"]


def test_who_comes_second_for_a_unique_value_is_told(catalogue):
    committed = second(catalogue, [a_product("a", values=values(ean="1"))], a_product("b", values=values(ean="1")))
    assert messages(committed) == ["attribute `ean`: `1` belongs to another product; the attribute is unique"]


def test_who_comes_second_for_an_identifier_edits_the_first_ones_product(catalogue):
    committed = second(catalogue, [a_product("a")], a_product("a", enabled=False), a_product("b"))
    assert statuses(committed) == ["updated", "created"]
    taken = second(catalogue, [a_product("c")], Edit("product", "a", {"identifier": "c"}))
    assert messages(taken) == ["identifier `c` belongs to another product; choose another"]


def test_who_comes_second_for_a_combination_of_axes_is_told(catalogue):
    accepted(catalogue, SHOE)
    committed = second(catalogue, [RED], a_product("other", parent="shoe", values=values(color="red")))
    assert messages(committed) == ["the axes (red) are those of its sibling `shoe-red`; choose another combination"]


def test_a_variant_of_a_model_that_has_just_gone_is_refused(catalogue):
    accepted(catalogue, SHOE)
    committed = second(catalogue, [Edit("product_model", "shoe", None)], RED)
    assert messages(committed) == ["product model `shoe` does not exist; create it before what is below it"]


def test_a_model_that_goes_takes_along_the_variant_that_has_just_come(catalogue):
    accepted(catalogue, SHOE)
    assert statuses(second(catalogue, [RED], Edit("product_model", "shoe", None))) == ["deleted"]
    with catalogue.session() as session:
        assert (store.count_products(session), store.count_product_models(session)) == (0, 0)


def test_nobody_points_at_what_has_just_gone(catalogue):
    accepted(catalogue, a_product("a"))
    committed = second(catalogue, [Edit("product", "a", None)], pointing("b", "upsell", "a"))
    assert messages(committed) == ["product `a` does not exist; create it before associating it"]


def test_who_goes_is_taken_off_those_who_have_just_pointed_at_them(catalogue):
    accepted(catalogue, a_product("a"))
    second(catalogue, [pointing("b", "upsell", "a")], Edit("product", "a", None))
    assert associations(catalogue, "b") == {}
    assert_derived(catalogue)


def test_pairs_made_from_both_sides_at_once_are_whole(catalogue):
    codes = ["a", "b", "c"]
    accepted(catalogue, *map(a_product, codes))
    for _ in range(2):
        at_once(*(
            lambda one=one, other=other: accepted(catalogue, pointing(one, "pair", other))
            for one, other in (("a", "b"), ("b", "c"), ("c", "a"), ("a", "c"))
        ))  # fmt: skip
    uuids = {code: str(product(catalogue, code).uuid) for code in codes}
    for code in codes:
        for other in associations(catalogue, code).get("pair", {}).get("products", ()):
            name = next(key for key, uuid in uuids.items() if uuid == other)
            assert uuids[code] in associations(catalogue, name)["pair"]["products"]
    assert_derived(catalogue)


def test_an_edited_model_does_not_keep_others_from_adding_variants(catalogue):
    accepted(catalogue, SHOE)
    with ThreadPoolExecutor(1) as pool, catalogue.session() as session:
        store.product_models_by_code(session, ["shoe"], lock=True)
        assert statuses(pool.submit(commit, catalogue, RED).result(timeout=10)) == ["created"]


def test_a_variant_counts_what_its_model_said_when_it_was_written(catalogue):
    accepted(catalogue, SHOE, RED)
    named = a_product_model("shoe", values=values(name={"fr_FR": "Chaussure"}))
    second(catalogue, [named], a_product("shoe-red", values=values(ean="1")))
    assert_derived(catalogue)


@pytest.mark.parametrize("edit", [a_product("shoe-red", values=values(ean="1")), Edit("product", "shoe-red", None)])
def test_a_model_counts_for_its_variants_as_others_left_them_meanwhile(catalogue, edit):
    accepted(catalogue, REQUIRING, SHOE, RED)
    second(catalogue, [edit], a_product_model("shoe", values=values(name={"fr_FR": "Chaussure"})))
    assert_derived(catalogue)


@pytest.mark.parametrize("edit", [
    a_product_model("shoe", values=values(name={"fr_FR": "Chaussure"})),
    a_product("shoe-red", values=values(ean="1")),
    Edit("product", "shoe-red", None),
], ids=["model", "variant", "deletion"])  # fmt: skip
def test_catching_up_beside_a_writer_derives_from_what_was_written_last(catalogue, edit):
    accepted(catalogue, SHOE, RED)
    accepted(catalogue, REQUIRING)
    meanwhile(catalogue, [edit], lambda: catch_up(catalogue))
    assert_derived(catalogue)


def test_structure_and_products_written_at_once_fit_together(catalogue):
    def products() -> list[str]:
        return [
            status
            for turn in range(6)
            for status in statuses(commit(catalogue, a_product(f"p{turn}", values=values(color="green"))))
        ]

    def structure() -> list[str]:
        return statuses(commit(catalogue, Edit("attribute_option", "green", None, owner="color")))

    written, (deleted,) = at_once(products, structure)
    assert deleted == ("deleted" if "created" not in written else deleted)
    with catalogue.session() as session:
        kept = store.count_products(session)
    assert (deleted, kept) in [("deleted", 0), *(("conflict", number) for number in range(1, 7))]


def test_a_failed_transaction_leaves_no_gap(catalogue):
    revision = accepted(catalogue, a_product("a")).revision or 0
    with catalogue.session() as session:
        commit_changeset(session, [a_product("b")], ORIGIN, NOW)
        session.rollback()
    assert accepted(catalogue, a_product("c")).revision == revision + 1


def test_writers_of_one_record_keep_each_others_values(catalogue):
    accepted(catalogue, *brands_and_packshots())
    places = [(code, locale) for code in ("label", "story") for locale in ("fr_FR", "en_GB")]

    def write(code: str, locale: str) -> Committed:
        return commit(catalogue, a_record("brand", "fanal", values={code: value(f"{code} {locale}", locale)}))

    outcomes = at_once(*(lambda place=place: write(*place) for place in places))
    assert [messages(committed) for committed in outcomes] == [[]] * 4
    with catalogue.session() as session:
        (fanal,) = store.linked_by_code(session, "record", "brand", ["fanal"])
    held = {(code, at) for code, entries in fanal.document["values"].items() for at, _ in by_place(entries)}
    assert held == set(places)


def test_a_record_is_not_deleted_while_somebody_begins_to_link_to_it(catalogue):
    accepted(catalogue, *brands_and_packshots(), a_record("brand", "fanal"))
    linking = a_product("lamp", values=values(brand="fanal"))
    refused = second(catalogue, [linking], Edit("record", "fanal", None, "brand"))
    assert messages(refused) == ["record `fanal` is in use and cannot be deleted: product `lamp`"]


def test_nobody_links_to_a_record_that_is_being_deleted(catalogue):
    accepted(catalogue, *brands_and_packshots(), a_record("brand", "fanal"))
    refused = second(
        catalogue, [Edit("record", "fanal", None, "brand")], a_product("lamp", values=values(brand="fanal"))
    )
    assert statuses(refused) == ["rejected"]
    assert "record `fanal` of reference entity `brand` does not exist" in messages(refused)[0]
