"""Bringing the index of this host to the newest revision: what changed is indexed anew, or everything is.

1. Whoever writes has locked out all others of this host.
2. The log since the revision that the index records says which products it does not show as they are now.
3. They are indexed in one step, and then the revision is recorded: who is killed in between does it again.
4. Where that would be nearly everything, or the index is of another shape, a new one is built beside the old one, which
   answers until the new one takes its place.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import select
from sqlmodel import Session, col

from pim.base.database import Database
from pim.catalog.store import among, count_products, products, resolve_all
from pim.catalog.structure import Structure
from pim.catalog.tables import ProductRow
from pim.search.affected import affected_products
from pim.search.contract import AUTO, WHOOSH, WHOOSH_MOST, BrokenIndex, chosen_engine
from pim.search.documents import DocumentMaker, linked_labels
from pim.search.engines import ENGINES
from pim.search.fields import fields_of
from pim.search.index_home import IndexHome, IndexState
from pim.search.model import Field, SearchDocument
from pim.versioning import store
from pim.versioning.tables import ChangesetRow

Tell = Callable[[int, int], None]
"""Hears how many of how many products are done."""

_BATCH = 500
_MOST_AT_ONCE = 0.2
"""Part of the catalogue beyond which everything is indexed anew."""
_FEW = 2_000
_OUTGROWN = 2 * WHOOSH_MOST

log = logging.getLogger("pim.search")


def catch_up(database: Database, home: IndexHome, setting: str, tell: Tell = lambda done, of: None) -> IndexState:
    """The state of the index afterwards. `setting` is `PIM_SEARCH`."""
    with home.writing(), database.snapshot_session() as session:
        head = store.head_revision(session)
        structure = store.current_structure(session)
        state = home.read()
        if state is not None and not _is_usable(session, home, state, structure, setting):
            state = None
        if state is not None and state.revision == head:
            return state
        target = _Target(home, setting, structure, head, _moment(session, head), count_products(session), tell)
        if state is not None:
            followed = _follow(session, target, state)
            if followed is not None:
                return followed
        return _build(session, target)


@dataclass(frozen=True, slots=True)
class _Target:
    """What the index shall show."""

    home: IndexHome
    setting: str
    structure: Structure
    revision: int
    moment: str | None
    products: int
    tell: Tell


def _is_usable(session: Session, home: IndexHome, state: IndexState, structure: Structure, setting: str) -> bool:
    """Whether the index is of this catalogue, this structure's fields and the engine that is wanted."""
    why = ""
    if not home.path(state).is_dir():
        why = "its files are missing"
    elif _moment(session, state.revision) != state.moment:
        why = "it is of another catalogue"
    elif list(state.fields) != _names(structure, state.engine):
        why = "there are other attribute groups or locales now"
    elif setting not in (AUTO, state.engine):
        why = f"PIM_SEARCH asks for {setting}"
    elif setting == AUTO and state.engine == WHOOSH and count_products(session) > _OUTGROWN:
        why = "the catalogue has outgrown Whoosh"
    if why:
        log.warning("the search index is built anew: %s", why)
    return not why


def _moment(session: Session, revision: int) -> str | None:
    """When a revision was begun. None for the empty catalogue, and for a revision that is not there."""
    found = session.execute(
        select(col(ChangesetRow.committed_at)).where(col(ChangesetRow.revision) == revision)
    ).scalar_one_or_none()
    return found.isoformat() if found else None


def _follow(session: Session, target: _Target, state: IndexState) -> IndexState | None:
    """None where everything has to be indexed anew."""
    affected = affected_products(session, state.revision, target.revision, target.structure)
    if affected is None or len(affected.changed) > max(_FEW, _MOST_AT_ONCE * target.products):
        return None
    if affected.changed or affected.gone:
        try:
            index = ENGINES[state.engine].open(target.home.path(state), _fields(target.structure, state.engine))
            made = _documents(session, target, sorted(affected.changed))
            index.index(made, affected.gone)
            index.close()
        except BrokenIndex as error:
            log.warning("the search index is damaged (%s); it is built anew", error)
            return None
    return _recorded(target, state.folder, state.engine)


def _build(session: Session, target: _Target) -> IndexState:
    engine = chosen_engine(target.setting, target.products)
    folder = target.home.new_folder(engine)
    log.info("building a search index of %s products with %s", target.products, engine)
    before = target.home.read()
    kept = [before.folder] if before else []
    target.home.sweep(*kept)  # what those left who died while they built
    index = ENGINES[engine].create(folder, _fields(target.structure, engine))
    index.build(_documents(session, target))
    index.close()
    state = _recorded(target, folder.name, engine)
    target.home.sweep(folder.name, *kept)
    return state


def _recorded(target: _Target, folder: str, engine: str) -> IndexState:
    state = IndexState(
        folder=folder, engine=engine, fields=_names(target.structure, engine),
        revision=target.revision, moment=target.moment,
    )  # fmt: skip
    target.home.write(state)
    return state


def _fields(structure: Structure, engine: str) -> list[Field]:
    return fields_of(structure, ENGINES[engine].keeps)


def _names(structure: Structure, engine: str) -> list[str]:
    return [field.name for field in _fields(structure, engine)]


def _documents(session: Session, target: _Target, ids: Sequence[int] | None = None) -> Iterator[SearchDocument]:
    """Of these products, or of all, in order of their ids."""
    maker = DocumentMaker(target.structure)
    done, of = 0, target.products if ids is None else len(ids)
    for batch in _id_batches(session, ids):
        resolved = resolve_all(session, products(session, among(col(ProductRow.id), batch)))
        linked = linked_labels(session, resolved, target.structure)
        yield from (maker.document(one, linked) for one in resolved)
        done += len(batch)
        target.tell(done, of)


def _id_batches(session: Session, ids: Sequence[int] | None) -> Iterator[Sequence[int]]:
    if ids is not None:
        waiting = iter(ids)
        while batch := list(islice(waiting, _BATCH)):
            yield batch
        return
    last = 0
    query = select(col(ProductRow.id)).order_by(col(ProductRow.id)).limit(_BATCH)
    while batch := list(session.execute(query.where(col(ProductRow.id) > last)).scalars()):
        yield batch
        last = batch[-1]
