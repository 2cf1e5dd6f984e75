"""The rules behind products and product models, all violations at once. What needs the database (existence of other
products, uniqueness across the catalogue) is checked where the changeset is committed."""

from collections.abc import Iterable, Mapping
from typing import Any

from pim.base.errors import Violation, known
from pim.catalog.attribute_types import ATTRIBUTE_TYPES, Problems, check_identifier
from pim.catalog.broken_rules import Broken
from pim.catalog.merge import as_values, data_at
from pim.catalog.model import Attribute, Document, Value, Values
from pim.catalog.structure import Structure
from pim.catalog.table_rows import MOST_CELLS, cell_count

MAX_QUANTITY = 2_147_483_647


def canonical_values(
    values: Mapping[str, Iterable[Value]],
    structure: Structure,
    broken: Broken,
    stored: Values | None = None,
    attributes: Mapping[str, Attribute] | None = None,
    former_places: bool = False,
) -> Values:
    """`values` as a patch in canonical form; data None (erase) stays None. Unknown attributes and bad data go to
    `broken`, each with its attribute, locale and scope. What is `stored` may be erased wherever it stands: its locale
    may have left its channel since; with `former_places` it may be written there too. `attributes` are those of
    products, unless said otherwise."""
    canonical: Values = {}
    attributes = structure.attributes if attributes is None else attributes
    for code, entries in values.items():
        attribute = attributes.get(code)
        if attribute is None:
            message = f"attribute `{code}` does not exist; {known(attributes)}"
            broken.append(Violation(f"values.{code}", "unknown_attribute", message, code))
        else:
            before = stored.get(code, []) if stored else []
            canonical[code] = _canonical_entries(attribute, entries, before, structure, broken, former_places)
    return canonical


def _canonical_entries(
    attribute: Attribute,
    entries: Iterable[Value],
    before: list[Value],
    structure: Structure,
    broken: Broken,
    former_places: bool,
) -> list[Value]:
    places, check = structure.places(attribute), ATTRIBUTE_TYPES[attribute.type].check
    canonical: list[Value] = []
    problems: Problems = []
    for entry in entries:
        locale, scope, data = entry["locale"], entry["scope"], entry["data"]
        erases = data in (None, "", [])
        if (locale, scope) not in places and not (
            (erases and data_at(before, locale, scope)) or (former_places and _varies_so(attribute, locale, scope))
        ):
            problems.append(_misplaced(attribute, locale, scope, structure))
        if not erases:
            data = check(data, attribute, structure, problems)
        if problems:
            broken += _violations(attribute, locale, scope, problems)
            problems.clear()
        canonical.append({"locale": locale, "scope": scope, "data": data})
    return canonical


def _violations(attribute: Attribute, locale: str | None, scope: str | None, problems: Problems) -> Broken:
    where = f" ({', '.join(filter(None, (locale, scope)))})" if locale or scope else ""
    return [
        Violation(
            f"values.{attribute.code}", code, f"attribute `{attribute.code}`{where}: {message}",
            attribute.code, locale, scope,
        )
        for code, message in problems
    ]  # fmt: skip


def _varies_so(attribute: Attribute, locale: str | None, scope: str | None) -> bool:
    return attribute.localizable == (locale is not None) and attribute.scopable == (scope is not None)


def _misplaced(attribute: Attribute, locale: str | None, scope: str | None, structure: Structure) -> tuple[str, str]:
    """Why (locale, scope) is no place for a value of `attribute`."""
    if attribute.localizable and locale is None:
        return "locale_required", "is localizable: give a locale"
    if not attribute.localizable and locale is not None:
        return "not_localizable", f"is not localizable: give the locale null instead of `{locale}`"
    if attribute.scopable and scope is None:
        return "scope_required", f"is scopable: give a scope; {known(structure.channels)}"
    if not attribute.scopable and scope is not None:
        return "not_scopable", f"is not scopable: give the scope null instead of `{scope}`"
    if scope is not None and scope not in structure.channels:
        return "unknown_channel", f"channel `{scope}` does not exist; {known(structure.channels)}"
    if attribute.available_locales and locale not in attribute.available_locales:
        return "locale_specific", f"exists only in {', '.join(attribute.available_locales)}, not in `{locale}`"
    if scope is not None and locale is not None and locale in structure.active_locales:
        locales = known(structure.channels[scope].locales)
        return "locale_not_in_channel", f"locale `{locale}` is not one of the channel `{scope}`; {locales}"
    return "unknown_locale", f"locale `{locale}` is not active in any channel; {known(structure.active_locales)}"


def check_product(
    document: Document, old: Document | None, parents: list[Document], structure: Structure, broken: Broken
) -> list[str]:
    """Rules of a whole product. `parents` are its product models' documents, root first, [] for a simple product.

    Returns warnings; values that belong to a product model are taken out of `document` with one.
    """
    identifier = document["identifier"]
    if identifier is not None:
        problems: Problems = []
        check_identifier(identifier, problems)
        broken.extend(Violation("identifier", code, f"identifier {message}") for code, message in problems)
    _check_codes("groups", document["groups"], structure.groups, "group", broken)
    _check_common(document, structure, broken)
    family = document["family"]
    if parents:
        return _check_variant(document, old, parents, structure, broken)
    if family is not None and family not in structure.families:
        message = f"family `{family}` does not exist; {known(structure.families)}"
        broken.append(Violation("family", "unknown_family", message))
    return []


def check_product_model(
    document: Document, old: Document | None, parents: list[Document], structure: Structure, broken: Broken
) -> list[str]:
    """Rules of a whole product model; `parents` is [] for a root model, else its root model. Returns warnings."""
    code, variant_code = document["code"], document["family_variant"]
    problems: Problems = []
    check_identifier(code, problems)
    broken.extend(Violation("code", rule, f"code {message}") for rule, message in problems)
    _check_common(document, structure, broken)
    problem = _wrong_place(document, old, parents, structure)
    if problem is not None:
        broken.append(problem)
        return []
    return _check_level(document, len(parents), variant_code, structure, broken)


def _wrong_place(
    document: Document, old: Document | None, parents: list[Document], structure: Structure
) -> Violation | None:
    """Why a product model cannot stand where `document` puts it: nothing about its values can be said then."""
    code, variant_code = document["code"], document["family_variant"]
    for field in ("code", "family", "family_variant", "parent"):
        if old is not None and document[field] != old[field]:
            subject = f"product model `{old['code']}`"
            message = f"{subject}: {field} is `{old[field]}` for good; make a new product model instead"
            return Violation(field, "immutable", message)
    for field in ("family", "family_variant"):
        if parents and document[field] != parents[-1][field]:
            message = (
                f"product model `{code}` has the {field.replace('_', ' ')} `{document[field]}`, "
                f"its parent `{parents[-1]['code']}` has `{parents[-1][field]}`; they must be the same"
            )
            return Violation(field, "differs_from_parent", message)
    variant = structure.family_variants.get(document["family"] or "", {}).get(variant_code or "")
    if variant is None:
        codes = known(structure.family_variants.get(document["family"] or "", ()))
        message = (
            f"product model `{code}` needs a family variant of its family `{document['family']}`, "
            f"not `{variant_code}`; {codes}"
        )
        return Violation("family_variant", "unknown_family_variant", message)
    if len(parents) >= variant.levels:
        message = f"product model `{code}` is too deep: family variant `{variant_code}` has {variant.levels} level(s)"
        return Violation("parent", "too_deep", message)
    return None


def _check_variant(
    document: Document, old: Document | None, parents: list[Document], structure: Structure, broken: Broken
) -> list[str]:
    parent = parents[-1]
    family, variant_code = parent["family"], parent["family_variant"]
    if document["family"] not in (None, family):
        message = (
            f"family `{document['family']}` is not that of the product model `{parent['code']}`, `{family}`; "
            "a variant has its model's family"
        )
        broken.append(Violation("family", "differs_from_parent", message))
        return []
    document["family"] = family
    levels = structure.family_variants[family][variant_code].levels
    if len(parents) != levels:
        message = (
            f"parent `{parent['code']}` is at level {len(parents)} of the family variant `{variant_code}`, "
            f"which has {levels}; a variant belongs under the deepest product model"
        )
        broken.append(Violation("parent", "wrong_level", message))
        return []
    if old is not None and old["parent"] is not None and old["parent"] != document["parent"]:
        _check_new_parent(document, old, parents, broken)
    return _check_level(document, levels, variant_code, structure, broken)


def _check_new_parent(document: Document, old: Document, parents: list[Document], broken: Broken) -> None:
    if old["family"] != parents[-1]["family"]:
        message = f"parent `{document['parent']}` is of another family; a variant stays in its family"
        broken.append(Violation("parent", "other_family", message))


def _check_level(document: Document, level: int, variant_code: str, structure: Structure, broken: Broken) -> list[str]:
    """Values must be of the level's own attributes: those of a level above are left out with a warning, others are
    refused. The level's axes must be filled."""
    family: str = document["family"]
    own = structure.attributes_at(family, variant_code, level)
    above = frozenset().union(*(structure.attributes_at(family, variant_code, n) for n in range(level)))
    inherited = [code for code in document["values"] if code in above]
    document["values"] = {code: values for code, values in document["values"].items() if code not in above}
    for code in document["values"]:
        if code not in own:
            message = f"attribute `{code}` is not held at this level of `{variant_code}`; {known(own)}"
            broken.append(Violation(f"values.{code}", "wrong_level", message, code))
    axes = structure.variant_level(family, variant_code, level)
    for axis in axes.axes if axes else ():
        if axis not in document["values"]:
            message = f"the axis `{axis}` has no value; each variant of `{variant_code}` needs one"
            broken.append(Violation(f"values.{axis}", "axis_required", message, axis))
    return [f"`{code}` belongs to the product model and was not stored; change it there" for code in inherited]


def axis_key(document: Document, axes: Iterable[str], structure: Structure) -> str:
    """The axis values as one text, equal for equal combinations (measures compare in their standard unit)."""
    parts = []
    for axis in axes:
        data = data_at(document["values"].get(axis, ()), None, None)
        attribute = structure.attributes[axis]
        for text, number, _ in ATTRIBUTE_TYPES[attribute.type].index(data, attribute, structure):
            parts.append(text.lower() if text is not None else str(number))
    return "\x1f".join(parts)


def _check_common(document: Document, structure: Structure, broken: Broken) -> None:
    _check_codes("categories", document["categories"], structure.categories, "category", broken)
    for field in ("associations", "quantified_associations"):
        check_association_types(field, document[field], structure, broken)
    _check_cells(document, structure, broken)
    for code, targets in document["associations"].items():
        _check_codes(f"associations.{code}.groups", targets.get("groups", []), structure.groups, "group", broken)
    for code, targets in document["quantified_associations"].items():
        for member in (member for members in targets.values() for member in members):
            _check_quantity(code, member, broken)


def check_association_types(field: str, codes: Iterable[str], structure: Structure, broken: Broken) -> None:
    for code in codes:
        found = structure.association_types.get(code)
        if found is None:
            message = f"association type `{code}` does not exist; {known(structure.association_types)}"
            broken.append(Violation(f"{field}.{code}", "unknown_association_type", message))
        elif found.is_quantified != (field == "quantified_associations"):
            right = "quantified_associations" if found.is_quantified else "associations"
            message = f"association type `{code}` belongs in `{right}`"
            broken.append(Violation(f"{field}.{code}", "wrong_association_kind", message))


def _check_cells(document: Document, structure: Structure, broken: Broken) -> None:
    tables = structure.table_attributes & document["values"].keys()
    cells = sum(cell_count(value["data"]) for code in tables for value in document["values"][code])
    if cells > MOST_CELLS:
        message = f"its tables ({', '.join(sorted(tables))}) have {cells} cells; at most {MOST_CELLS} fit in a product"
        broken.append(Violation("values", "too_many_cells", message))


def _check_quantity(code: str, member: Mapping[str, Any], broken: Broken) -> None:
    quantity = member.get("quantity")
    if not isinstance(quantity, int) or isinstance(quantity, bool) or not 1 <= quantity <= MAX_QUANTITY:
        message = f"association `{code}`: the quantity {quantity!r} must be a whole number from 1 to {MAX_QUANTITY}"
        broken.append(Violation(f"quantified_associations.{code}", "bad_quantity", message))


def _check_codes(path: str, codes: list[str], there: Mapping[str, Any], what: str, broken: Broken) -> None:
    for code in codes:
        if code not in there:
            message = f"{what} `{code}` does not exist; {known(there)}"
            broken.append(Violation(path, f"unknown_{what}", message))


def stored_values(values: Values) -> Values:
    """Canonical values without anything empty, as a new product stores them."""
    stored = {}
    for code, entries in values.items():
        if len(entries) == 1:
            kept = entries if entries[0]["data"] not in (None, "", []) else []
        else:
            kept = as_values({(entry["locale"], entry["scope"]): entry["data"] for entry in entries})
        if kept:
            stored[code] = kept
    return stored
