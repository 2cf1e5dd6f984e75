"""An asset family's naming convention: the name of a new asset, or of its main media file, says values of it."""

from collections.abc import Mapping
from typing import Any

from pim.base.errors import Violation
from pim.catalog.attribute_types import compile_pattern
from pim.catalog.merge import data_at
from pim.catalog.model import AssetFamily, OwnedAttribute, Value, Values
from pim.catalog.product_rules import canonical_values
from pim.catalog.structure import Structure


def named_values(
    code: str,
    values: Values,
    family: AssetFamily,
    attributes: Mapping[str, OwnedAttribute],
    structure: Structure,
    violations: list[Violation],
) -> Values:
    """What the convention adds to the canonical `values` of a new asset: never in place of what they say themselves.

    A name that does not fit goes to `violations` where the family wants no asset then; elsewhere it says nothing.
    """
    convention = family.naming_convention
    if not convention:
        return {}
    name = _source(code, values, convention["source"])
    found = compile_pattern(convention["pattern"]).search(name or "")
    broken: list[Violation] = []
    named: Values = {}
    if found is None or not found.groupdict():
        message = f"asset `{code}`: `{name or ''}` does not fit the naming convention {convention['pattern']}"
        broken.append(Violation("naming_convention", "no_match", f"{message} of asset family `{family.code}`"))
    else:
        given = {attribute: [_value(data)] for attribute, data in found.groupdict().items() if data}
        named = canonical_values(given, structure, broken, attributes=attributes)
    if broken and convention.get("abort_asset_creation_on_error"):
        violations += broken
    return {} if broken else {attribute: entries for attribute, entries in named.items() if attribute not in values}


def _value(data: str) -> Value:
    return {"locale": None, "scope": None, "data": data}


def _source(code: str, values: Values, source: Mapping[str, Any]) -> str | None:
    """The asset's code, or the name that its main media file came with."""
    if source["property"] == "code":
        return code
    data = data_at(values.get(source["property"], ()), source.get("locale"), source.get("channel"))
    if not isinstance(data, str):
        return None
    name = data.rpartition("/")[2]
    return name.partition("_")[2] or name
