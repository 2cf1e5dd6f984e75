"""What names that begin with `$` mean: the product's place in the catalogue, and the locale's own facts."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from pim.catalog.attribute_paths import attribute_path
from pim.catalog.linked import target_of
from pim.catalog.model import PRODUCT, Family
from pim.syndication.context import MappingContext
from pim.syndication.linked_values import linked_label
from pim.syndication.transforms.dates import instant_text
from pim.syndication.transforms.text import clean

CATEGORY_FACTS = ("$category", "$category_path", "$categories", "$all_categories")

Getter = Callable[[Any], Any]
Label = Callable[[str], str]

CONSTANT_FACTS = ("$locale", "$language", "$country", "$hreflang", "$currency", "$scope", "$public_url")
"""The same for every product of a locale; `$constants.NAME` and `$columns.ATTRIBUTE` too."""


COLUMNS = "$columns."


def is_constant(name: str) -> bool:
    return name in CONSTANT_FACTS or name.startswith(("$constants.", COLUMNS))


def fact_getter(
    name: str,
    context: MappingContext,
    labelled: bool,
    family_value: Callable[[MappingContext, Callable[[Family], str | None]], Getter],
) -> Getter:
    """`family_value` makes the getter of the attribute that a function picks of each family."""
    base, _, rest = name.partition(".")
    if name.startswith(COLUMNS):
        columns = columns_of(name, context, labelled)
        return lambda subject: columns
    if is_constant(name):
        constant = context.constants.get(rest) if rest else context.names[base[1:]]
        return lambda subject: constant
    if base == "$entry":
        return _entry(rest, context, labelled)
    if base == "$associations":
        return _associated(rest, context)
    if base in CATEGORY_FACTS:
        return _categories(base, context, labelled)
    if base == "$label":
        label = family_value(context, lambda family: family.attribute_as_label)
        return lambda subject: label(subject) or subject.resolved.code
    if base == "$image":
        return family_value(context, lambda family: family.attribute_as_image)
    if base in ("$family", "$groups", "$axes") and labelled:
        return _labelled(FACTS[base](context), _structure_label(base, context))
    return FACTS[base](context)


def _entry(key: str, context: MappingContext, labelled: bool) -> Getter:
    if key:
        return lambda subject: subject.entry.get(key) if isinstance(subject.entry, dict) else None
    if labelled:
        return _labelled(lambda subject: subject.entry, entry_label(context))
    return lambda subject: subject.entry


def entry_label(context: MappingContext) -> Label:
    """Labels of the list that `for_each` goes through: options of an attribute, records, assets, or structure."""
    name = context.entries_of
    if name.startswith(COLUMNS):
        labels = dict(zip(columns_of(name, context) or (), columns_of(name, context, labelled=True) or (), strict=True))
        return lambda code: labels.get(code, code)
    if name.startswith("$"):
        return _structure_label("$category" if name in CATEGORY_FACTS else name, context)
    path = attribute_path(name, context.structure)
    if path and target_of(path[-1]) is not None:
        return linked_label(path[-1], context)
    options = context.structure.options_of(path[-1]) if path else {}
    return lambda code: clean(context.label(options[code].labels, code)) if code in options else code


def columns_of(name: str, context: MappingContext, labelled: bool = False) -> list[str] | None:
    """Codes or labels of the columns of the table attribute in `$columns.ATTRIBUTE`."""
    attribute = context.structure.attributes.get(name.removeprefix(COLUMNS))
    columns = attribute.columns if attribute else []
    return [clean(context.label(one.labels, one.code)) if labelled else one.code for one in columns] or None


def axes_of(subject: Any, context: MappingContext) -> list[str]:
    """Attribute codes that tell the variants of the subject's family variant apart, by level."""
    if subject.axes is None:
        subject.axes = _axes(subject, context)
    return subject.axes  # type: ignore[no-any-return]


def _axes(subject: Any, context: MappingContext) -> list[str]:
    resolved = subject.resolved
    top = resolved.ancestors[0].document if resolved.ancestors else resolved.document
    code = top.get("family_variant")
    if not code:
        return []
    variant = context.structure.family_variants.get(resolved.document.get("family") or "", {}).get(code)
    return [axis for level in variant.variant_attribute_sets for axis in level.axes] if variant else []


def _categories(base: str, context: MappingContext, labelled: bool) -> Getter:
    """Categories in the order of the tree. The tree's root itself is no category of a product."""
    structure = context.structure
    tree = context.channel.category_tree
    position = {code: at for at, code in enumerate(_preorder(structure.children, None))}
    wanted = {
        code for code in structure.categories if base == "$all_categories" or structure.tree_of[code] == tree != code
    }
    label = _structure_label("$category", context) if labelled else str

    def path(code: str) -> list[str]:
        return [category.code for category in structure.category_path(code)[1:]]

    @lru_cache(maxsize=8192)
    def chosen(codes: tuple[str, ...]) -> Any:
        inside = sorted((code for code in codes if code in wanted), key=position.__getitem__)
        if not inside:
            return None
        if base in ("$categories", "$all_categories"):
            return [label(code) for code in inside]
        deepest = max(inside, key=lambda code: (len(path(code)), -position[code]))
        return label(deepest) if base == "$category" else [label(code) for code in path(deepest)]

    return lambda subject: chosen(tuple(subject.document["categories"]))


def _preorder(children: dict[str | None, list[str]], at: str | None) -> list[str]:
    codes: list[str] = []
    pending = list(reversed(children.get(at, [])))
    while pending:
        code = pending.pop()
        codes.append(code)
        pending += reversed(children.get(code, []))
    return codes


def _associated(association: str, context: MappingContext) -> Getter:
    code_of = context.code_of

    def get(subject: Any) -> list[str] | None:
        document = subject.document
        targets = (document.get("associations") or {}).get(association) or {}
        quantified = (document.get("quantified_associations") or {}).get(association) or {}
        products = [*targets.get("products", ()), *(_target(t) for t in quantified.get("products", ()))]
        models = [*targets.get("product_models", ()), *(_target(t) for t in quantified.get("product_models", ()))]
        return [*filter(None, map(code_of, filter(None, products))), *filter(None, models)] or None

    return get


def _target(quantified: dict[str, Any]) -> str | None:
    return quantified.get("uuid") or quantified.get("code") or quantified.get("identifier")


def _labelled(get: Getter, label: Label) -> Getter:
    def labelled(subject: Any) -> Any:
        value = get(subject)
        return [label(code) for code in value] if isinstance(value, list) else value and label(value)

    return labelled


def _structure_label(base: str, context: MappingContext) -> Label:
    structure = context.structure
    kinds: dict[str, Any] = {
        "$family": structure.families,
        "$groups": structure.groups,
        "$axes": structure.attributes,
        "$category": structure.categories,
    }
    items = kinds.get(base, {})

    @lru_cache(maxsize=8192)
    def label(code: str) -> str:
        return clean(context.label(items[code].labels, code)) if code in items else code

    return label


def _parent(subject: Any) -> str | None:
    ancestors = subject.resolved.ancestors
    return ancestors[-1].code if ancestors else None


def _root(subject: Any) -> str:
    ancestors = subject.resolved.ancestors
    return str(ancestors[0].code if ancestors else subject.resolved.code)


def _uuid(subject: Any) -> str | None:
    return str(subject.resolved.entity.uuid) if subject.resolved.entity.uuid else None


FACTS: dict[str, Callable[[MappingContext], Getter]] = {
    "$code": lambda context: lambda subject: subject.resolved.entity.code,
    "$id": lambda context: lambda subject: subject.resolved.entity.id,
    "$identifier": lambda context: lambda subject: subject.document.get("identifier") or None,
    "$uuid": lambda context: _uuid,
    "$kind": lambda context: lambda subject: subject.resolved.entity.kind,
    "$root": lambda context: _root,
    "$parent": lambda context: _parent,
    "$family": lambda context: lambda subject: subject.document.get("family") or None,
    "$groups": lambda context: lambda subject: subject.document.get("groups") or None,
    "$axes": lambda context: lambda subject: axes_of(subject, context) or None,
    "$variant_count": lambda context: lambda subject: len(subject.variants),
    "$position": lambda context: lambda subject: subject.position,
    "$enabled": lambda context: (
        lambda subject: subject.document.get("enabled", True) if subject.resolved.kind == PRODUCT else True
    ),
    "$created": lambda context: lambda subject: instant_text(subject.resolved.entity.created),
    "$updated": lambda context: lambda subject: instant_text(subject.resolved.updated),
}
"""The facts that need no more than the product; the others are made in `fact_getter`."""
