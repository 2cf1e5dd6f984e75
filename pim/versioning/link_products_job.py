"""Product link rules carried out, as background work: products link to the assets that a changeset made."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlmodel import Session, col

from pim.base.clock import now
from pim.base.errors import PimError
from pim.base.installation import Installation
from pim.base.jobs import PartlyFailed, Progress
from pim.catalog import store as catalog_store
from pim.catalog.filters import product_page, understood
from pim.catalog.link_rules import Assignment, assignments
from pim.catalog.merge import data_at
from pim.catalog.model import ASSET, PRODUCT, Entity
from pim.catalog.structure import Structure
from pim.catalog.tables import LinkedEntityRow
from pim.versioning import store
from pim.versioning.cell_edits import told_entity
from pim.versioning.commit import commit_changeset
from pim.versioning.model import CREATED, Edit, Origin

BATCH = 500
"""Products of one changeset."""

Place = tuple[str, str | None, str | None]


def link_products_job(installation: Installation, arguments: Mapping[str, Any], progress: Progress) -> Any:
    """Begun again after its worker died, it finds linked what is linked already. What follows from an import belongs to
    it and is taken back with it."""
    linked = 0
    problems: list[str] = []
    with installation.database.session() as session:
        structure = store.current_structure(session)
        import_id = store.get_changeset(session, arguments["revision"]).import_id
        found = list(_assigned(session, structure, arguments["revision"]))
    for one in found:
        try:
            origin = Origin(progress.author, "rule", f"product link rule, asset `{one.code}`", import_id)
            linked += _link(installation, one, origin, progress, problems)
        except PimError as error:
            problems.append(f"asset `{one.code}`: {error}")
    result = {"revision": arguments["revision"], "linked": linked, "problems": list(dict.fromkeys(problems))}
    if problems:
        raise PartlyFailed(f"not every product could be linked: {'; '.join(result['problems'][:5])}", result)
    return result


def _assigned(session: Session, structure: Structure, revision: int) -> Iterable[Assignment]:
    """Of the assets that the revision made and that are there yet. Those that replace are put together: they came at
    once."""
    changes = store.changes_of(session, [revision])
    ids = [change.entity_id for change in changes if change.kind == ASSET and change.cell.path == CREATED]
    assets = catalog_store.linked_entities(session, catalog_store.among(col(LinkedEntityRow.id), ids))
    first: set[tuple[str, Place]] = set()
    for asset in assets:
        for one in assignments(asset, structure.asset_families[asset.owner]):
            key = (repr(one.search), (one.attribute, one.locale, one.scope))
            yield one if key not in first else replace(one, mode="add")
            first.add(key)


def _link(installation: Installation, one: Assignment, origin: Origin, progress: Progress, problems: list[str]) -> int:
    """How many products link to it that did not."""
    linked, after = 0, 0
    while True:
        progress(linked, None, f"products of asset {one.code}")
        with installation.database.session() as session:
            search = understood(one.search, structure=store.current_structure(session))
            ids = product_page(session, search, after=after, limit=BATCH).ids
            edits = [edit for product in _products(session, ids) if (edit := _linking(product, one))]
            committed = commit_changeset(session, edits, origin, now())
        for outcome in committed.outcomes:
            linked += outcome.status == "updated"
            told = "; ".join([*(violation.message for violation in outcome.violations), *outcome.warnings])
            problems += [f"{told_entity(PRODUCT, outcome.code)}: {told}"] if told else []
        if len(ids) < BATCH:
            return linked
        after = ids[-1]


def _products(session: Session, ids: Sequence[int]) -> list[Entity]:
    return catalog_store.entities_by_id(session, PRODUCT, ids) if ids else []


def _linking(product: Entity, one: Assignment) -> Edit | None:
    held = data_at(product.document["values"].get(one.attribute, ()), one.locale, one.scope) or []
    wanted = [one.code] if one.mode == "replace" else held if one.code in held else [*held, one.code]
    if wanted == held:
        return None
    value = {"locale": one.locale, "scope": one.scope, "data": wanted}
    return Edit(PRODUCT, None, {"values": {one.attribute: [value]}}, uuid=product.uuid)
