"""Variants as their readers see them: what the product models say, and what the variant adds."""

from collections.abc import Sequence
from typing import Any

from pim.catalog.model import Document, Entity, Resolved


def resolve(entity: Entity, ancestors: Sequence[Entity]) -> Resolved:
    """`entity` with everything its `ancestors` (root model first) hold merged in.

    Values: the levels are disjoint by the family variant, so the lists are joined; where data of an earlier structure
    still overlaps, the deeper level wins. Categories and associations: the union.
    """
    if not ancestors:
        return Resolved(entity, (), entity.document, entity.updated, entity.revision)
    chain = (*ancestors, entity)
    document: Document = dict(entity.document)
    document["values"] = {code: values for e in chain for code, values in e.document["values"].items()}
    document["categories"] = sorted({code for e in chain for code in e.document["categories"]})
    for key in ("associations", "quantified_associations"):
        document[key] = _united([e.document.get(key) or {} for e in chain])
    if not document.get("family"):
        document["family"] = ancestors[0].document["family"]
    return Resolved(
        entity,
        tuple(ancestors),
        document,
        updated=max(e.updated for e in chain),
        revision=max(e.revision for e in chain),
    )


def _united(levels: list[dict[str, dict[str, list[Any]]]]) -> dict[str, dict[str, list[Any]]]:
    """Association type → kind of target → targets, in order of first mention, the deepest quantity winning."""
    united: dict[str, dict[str, dict[Any, Any]]] = {}
    for associations in levels:
        for association_type, targets in associations.items():
            for kind, members in targets.items():
                named = united.setdefault(association_type, {}).setdefault(kind, {})
                named.update((_target(member), member) for member in members)
    return {
        association_type: {kind: list(members.values()) for kind, members in targets.items()}
        for association_type, targets in united.items()
    }


def _target(member: Any) -> str:
    """A plain association holds codes, a quantified one objects with `uuid` or `code` beside the quantity."""
    return member if isinstance(member, str) else member.get("uuid") or member["code"]
