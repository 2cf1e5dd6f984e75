"""Whatever happened, every revision can be read as it was, and everything can be taken back."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlmodel import Session, col

from pim.base.database import Database
from pim.base.errors import InvalidInput, NotFound, PimError
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, Resolved
from pim.versioning.as_of import all_as_of, as_of, count_as_of, resolved_as_of, structure_as_of
from pim.versioning.drafts.preview import draft_view, open_draft_view
from pim.versioning.drafts.store import get_draft
from pim.versioning.drafts.tables import DraftRow
from pim.versioning.linked_as_of import all_linked_as_of
from pim.versioning.model import Edit, Origin
from pim.versioning.revert import revert_changeset, revert_import
from pim.versioning.snapshot import Snapshot, open_snapshot
from pim.versioning.store import head_revision
from pim.versioning.tables import ChangesetRow
from tests.conftest import emptied
from tests.makers import NOW, ORIGIN, a_small_catalogue, brands_and_packshots, commit
from tests.versioning.drafts.makers import applied, conflicts, draft, resolved, rows
from tests.versioning.random_edits import RECORDS, changesets, steps


def _state(session: Session, revision: int | None = None) -> dict[str, Any]:
    return _state_of(open_snapshot(session, revision))


def _state_of(snapshot: Snapshot) -> dict[str, Any]:
    """Everything there is, by key, in comparable form."""
    state: dict[str, Any] = {
        "/".join(key): (entity.id, entity.document) for key, entity in snapshot.structure.entities.items()
    }
    for root in snapshot.roots():
        for member in (root.head, *root.models, *root.products):
            entity = member.entity
            state[f"{member.kind}/{member.code}"] = (
                root.key, entity.id, entity.uuid, entity.document, member.document, entity.created, entity.updated,
                entity.revision,
            )  # fmt: skip
    for code in RECORDS:
        if (record := snapshot.linked("record", "brand", code)) is not None:
            state[f"record/{code}"] = (record.id, record.document, record.created, record.updated, record.revision)
    return state


once_each = settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@once_each
@given(steps=steps, sides=st.lists(st.sampled_from(["draft", "catalogue"]), min_size=1, max_size=3))
def test_every_revision_reads_as_it_was_and_reverting_all_leaves_nothing(database, steps, sides):
    emptied(database)
    recorded: dict[int, dict[str, Any]] = {}
    with database.snapshot_session() as session:
        recorded[0] = _state(session)
    for step in [("write", a_small_catalogue()), ("write", brands_and_packshots()), *steps]:
        for revision in _taken(database, *step, sides):
            assert revision == max(recorded) + 1
            with database.snapshot_session() as session:
                recorded[revision] = _state(session)

    for revision, state in recorded.items():
        with database.snapshot_session() as session:
            assert _state(session, revision) == state

    for revision in sorted(recorded, reverse=True)[:-1]:
        with database.session() as session:
            revert_changeset(session, revision, ORIGIN, NOW)
        with database.snapshot_session() as session:
            assert _documents(_state(session)) == _documents(recorded[revision - 1])


def _taken(database: Database, step: str, what: Any, sides: list[str]) -> Iterator[int]:
    """The revisions that the step makes. What a draft does not take is left out, and its conflicts are settled."""
    match step:
        case "draft":
            _put_into_draft(database, what)
        case "revert" | "revert_import":
            yield from _taken_back(database, step, what)
        case "import":
            origin = replace(ORIGIN, source="import", import_id=_head(database))
            yield from _written(database, what[: len(what) // 2], origin)
            yield from _written(database, what[len(what) // 2 :], origin)
        case _:
            yield from _written(database, what)
            if step == "apply" and rows(database, "open"):
                yield from _applied(database, sides)


def _written(database: Database, edits: list[Edit], origin: Origin = ORIGIN) -> Iterator[int]:
    if (revision := commit(database, *edits, origin=origin).revision) is not None:
        yield revision


def _put_into_draft(database: Database, edits: list[Edit]) -> None:
    before = _head(database)
    for edit in edits:
        with suppress(PimError):
            draft(database, "open", edit)
    assert _head(database) == before


def _taken_back(database: Database, step: str, back: int) -> Iterator[int]:
    """Nothing where others changed something since, or the rules of today do not let it."""
    done = None
    with suppress(PimError), database.session() as session:
        if step == "revert":
            done = revert_changeset(session, max(1, head_revision(session) - back), ORIGIN, NOW)
        else:
            imports = select(col(ChangesetRow.import_id)).where(col(ChangesetRow.import_id).is_not(None)).distinct()
            latest = sorted(session.execute(imports).scalars(), reverse=True)
            done = revert_import(session, latest[back] if back < len(latest) else 0, ORIGIN, NOW)
    if done is not None and done.revision is not None:
        yield done.revision


def _head(database: Database) -> int:
    with database.session() as session:
        return head_revision(session)


def _applied(database: Database, sides: list[str]) -> Iterator[int]:
    for side in (*sides, "catalogue", "catalogue", "catalogue"):
        found = conflicts(database, "open")
        with suppress(InvalidInput):  # not every conflict can be settled for the draft
            resolved(database, "open", side, *{conflict.edit for conflict in found})
        if not found:
            break
    if rows(database, "open"):
        previewed = _previewed(database)
        done = applied(database, "open")
        assert done.conflicts == ()
        with database.snapshot_session() as session:
            assert _state(session) == previewed
        with database.session() as session:
            session.execute(update(DraftRow).where(col(DraftRow.code) == "open").values(code=f"done-{done.draft.id}"))
        if done.revision is not None:
            yield done.revision


def _previewed(database: Database) -> dict[str, Any]:
    with database.session() as session:
        view = draft_view(session, get_draft(session, "open"), NOW)
    with database.snapshot_session() as session:
        return _state_of(open_draft_view(session, view))


@once_each
@given(changesets=changesets)
def test_one_product_and_the_structure_read_as_the_whole_snapshot_does(database, changesets):
    emptied(database)
    for changeset in [a_small_catalogue(), brands_and_packshots(), *changesets]:
        commit(database, *changeset)
    with database.snapshot_session() as session:
        snapshots = [open_snapshot(session, revision) for revision in range(head_revision(session) + 1)]
        there = [_by_name(snapshot) for snapshot in snapshots]
        for revision, snapshot in enumerate(snapshots):
            assert structure_as_of(session, revision).entities == snapshot.structure.entities
            for kind, code in {name for names in there for name in names}:
                if (kind, code) in there[revision]:
                    assert as_of(session, kind, code, revision) == there[revision][kind, code]
                else:
                    with pytest.raises(NotFound):
                        as_of(session, kind, code, revision)
            for kind in (PRODUCT, PRODUCT_MODEL):
                here = [one for (of, _), one in there[revision].items() if of == kind]
                listed = [entity for some in all_as_of(session, kind, revision) for entity in some]
                assert resolved_as_of(session, listed, revision) == sorted(here, key=lambda one: one.entity.id)
                assert count_as_of(session, kind, revision) == len(here)
            records = list(all_linked_as_of(session, "record", "brand", revision))
            assert records == [one for code in RECORDS if (one := snapshot.linked("record", "brand", code)) is not None]


def _by_name(snapshot: Snapshot) -> dict[tuple[str, str], Resolved]:
    return {(one.kind, one.code): one for root in snapshot.roots() for one in (root.head, *root.models, *root.products)}


def _documents(state: dict[str, Any]) -> dict[str, Any]:
    """Ids, documents and merged documents: all that a revert restores (a new revision is a new revision)."""
    return {key: kept[:-2] if len(kept) > 2 else kept for key, kept in state.items()}
