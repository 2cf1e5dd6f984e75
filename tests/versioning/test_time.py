"""Whatever happened, every revision can be read as it was, and everything can be taken back."""

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text, update
from sqlmodel import Session, SQLModel

from pim.base.database import Database
from pim.versioning import store
from pim.versioning.model import Edit
from pim.versioning.revert import revert_changeset
from pim.versioning.snapshot import open_snapshot
from pim.versioning.tables import HeadRow
from tests.makers import (
    NOW,
    ORIGIN,
    a_family,
    a_product,
    a_product_model,
    a_small_catalogue,
    an_attribute,
    commit,
    value,
)

SIMPLE = ["hat", "mug", "lamp"]
VARIANTS = [f"shoe-{color}" for color in ("red", "blue", "green")]
texts = st.sampled_from(["a", "b", "c", None])
targets = st.lists(st.sampled_from([*SIMPLE, *VARIANTS]), max_size=2, unique=True)


def _shoe(code: str, **fields: Any) -> Edit:
    color = value(code.removeprefix("shoe-"))
    return a_product(code, parent="shoe", **{**fields, "values": {"color": color, **fields.get("values", {})}})


edits = st.one_of(
    st.builds(
        lambda code, text, locale, categories: a_product(
            code, family="books", categories=categories, values={"name": value(text, locale)}
        ),
        st.sampled_from(SIMPLE), texts, st.sampled_from(["fr_FR", "en_GB"]),
        st.lists(st.sampled_from(["outdoor", "home"]), max_size=2),
    ),
    st.builds(lambda code, ean: _shoe(code, values={"ean": value(ean)}), st.sampled_from(VARIANTS), texts),
    st.builds(
        lambda text: a_product_model(
            "shoe", family="shoes", family_variant="shoes_color", values={"name": value(text, "fr_FR")}
        ),
        texts,
    ),
    st.builds(
        lambda code, kind, codes: a_product(code, associations={kind: {"products": codes}}),
        st.sampled_from(SIMPLE), st.sampled_from(["upsell", "pair"]), targets,
    ),
    st.builds(lambda code: Edit("product", code, None), st.sampled_from([*SIMPLE, *VARIANTS])),
    st.just(Edit("product_model", "shoe", None)),
    st.builds(lambda on: Edit("product", "hat", {"enabled": on}), st.booleans()),
    st.builds(lambda label: Edit("category", "home", {"labels": {"fr_FR": label}}), texts),
    st.builds(lambda extra: a_family("books", ["name", "pages", *extra]), st.sampled_from([[], ["mark"], ["price"]])),
    st.just(an_attribute("mark", localizable=False, useable_as_grid_filter=True)),
    st.just(Edit("attribute", "mark", None)),
    st.builds(lambda code, text: a_product(code, values={"mark": value(text)}), st.sampled_from(SIMPLE), texts),
    st.just(a_family("shoes", ["name", "color", "size", "weight", "description", "price"])),
)  # fmt: skip


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
    return state


def emptied(database: Database) -> Database:
    """The database as it is before the first write: each example of a property starts there."""
    with database.session() as session:
        tables = ", ".join(f'"{name}"' for name in SQLModel.metadata.tables if name != "head")
        session.execute(text(f"TRUNCATE {tables}"))
        session.execute(update(HeadRow).values(revision=0, structure_revision=0, derived_revision=0))
    store.forget_structure(database.engine)
    return database


once_each = settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@once_each
@given(changesets=st.lists(st.lists(edits, min_size=1, max_size=4), min_size=3, max_size=14))
def test_every_revision_reads_as_it_was_and_reverting_all_leaves_nothing(database, changesets):
    emptied(database)
    recorded: dict[int, dict[str, Any]] = {}
    with database.snapshot_session() as session:
        recorded[0] = _state(session)
    for changeset in [a_small_catalogue(), *changesets]:
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


def _documents(state: dict[str, Any]) -> dict[str, Any]:
    """Ids, documents and merged documents: all that a revert restores (a new revision is a new revision)."""
    return {key: kept[:2] if len(kept) == 2 else kept[:6] for key, kept in state.items()}
