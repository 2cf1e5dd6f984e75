"""Whatever happened, every revision can be read as it was, and everything can be taken back."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlmodel import Session

from pim.base.errors import NotFound
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, Resolved
from pim.versioning.as_of import all_as_of, as_of, count_as_of, resolved_as_of, structure_as_of
from pim.versioning.linked_as_of import all_linked_as_of
from pim.versioning.revert import revert_changeset
from pim.versioning.snapshot import Snapshot, open_snapshot
from pim.versioning.store import head_revision
from tests.conftest import emptied
from tests.makers import NOW, ORIGIN, a_small_catalogue, brands_and_packshots, commit
from tests.versioning.random_edits import RECORDS, changesets


def _state(session: Session, revision: int | None = None) -> dict[str, Any]:
    """Everything there is, by key, in comparable form."""
    snapshot = open_snapshot(session, revision)
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
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@once_each
@given(changesets=changesets)
def test_every_revision_reads_as_it_was_and_reverting_all_leaves_nothing(database, changesets):
    emptied(database)
    recorded: dict[int, dict[str, Any]] = {}
    with database.snapshot_session() as session:
        recorded[0] = _state(session)
    for changeset in [a_small_catalogue(), brands_and_packshots(), *changesets]:
        revision = commit(database, *changeset).revision
        if revision is not None:
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
