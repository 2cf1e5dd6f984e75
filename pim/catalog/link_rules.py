"""An asset family's product link rules: which products a new asset belongs to, and where they link to it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pim.catalog.merge import data_at
from pim.catalog.model import AssetFamily, Entity

_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")


class Unsaid(Exception):
    """The asset has no value of an attribute that a rule names."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Products that `search` finds, by conditions as the API's clients write them, link to the asset `code` in a place.
    With the mode `replace` they link to nothing else there."""

    search: Mapping[str, list[dict[str, Any]]]
    attribute: str
    locale: str | None
    scope: str | None
    mode: Literal["add", "replace"]
    code: str


def assignments(asset: Entity, family: AssetFamily) -> Iterator[Assignment]:
    """What the rules of its family say of an asset. A rule that names what the asset does not say, or that selects by
    nothing, says nothing."""
    for rule in family.product_link_rules:
        selections = rule["product_selections"]
        try:
            search = _search(asset, selections)
            places = [_filled(asset, one, one.get("locale"), one.get("channel")) for one in rule["assign_assets_to"]]
        except Unsaid:
            continue
        for place in places if selections else ():
            where = place.get("locale"), place.get("channel")
            yield Assignment(search, place["attribute"], *where, place["mode"], asset.code)


def _search(asset: Entity, selections: list[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    search: dict[str, list[dict[str, Any]]] = {}
    for selection in selections:
        one = _filled(asset, selection, selection.get("locale"), selection.get("channel"))
        place = {"locale": one.get("locale"), "scope": one.get("channel")}
        condition = {"operator": one["operator"], "value": one["value"]}
        search.setdefault(one["field"], []).append(condition | {key: code for key, code in place.items() if code})
    return search


def _filled(asset: Entity, written: Any, locale: str | None, scope: str | None) -> Any:
    """With what the asset says in place of `{{attribute}}`; alone in a text, with the list that it may be. Raises
    Unsaid."""
    if isinstance(written, Mapping):
        return {key: _filled(asset, one, locale, scope) for key, one in written.items()}
    if isinstance(written, list):
        return [_filled(asset, one, locale, scope) for one in written]
    if not isinstance(written, str):
        return written
    alone = _PLACEHOLDER.fullmatch(written.strip())
    if alone:
        return _said(asset, alone[1], locale, scope)
    return _PLACEHOLDER.sub(lambda found: str(_said(asset, found[1], locale, scope)), written)


def _said(asset: Entity, attribute: str, locale: str | None, scope: str | None) -> Any:
    """The data of that place or, of what does not vary so, the data there is."""
    if attribute == "code":
        return asset.code
    values = asset.document["values"].get(attribute, ())
    for place in ((locale, scope), (locale, None), (None, scope), (None, None)):
        if (data := data_at(values, *place)) is not None:
            return data
    raise Unsaid(attribute)
