"""Which products an export takes, and the reason why one is left out. Pure; computed in the run itself."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from pim.catalog.model import Channel, Resolved, Root
from pim.catalog.structure import Structure
from pim.exports.model import ExportDefinition
from pim.syndication.conditions import when
from pim.syndication.context import MappingContext
from pim.syndication.reading import Subject

Ratio = Callable[[Resolved, str], int | None]
"""(product, locale) → completeness in per cent for the export's channel; None without a family."""
Select = Callable[[Resolved], str | None]
"""None when the product is in, else the reason why it is out."""


def compile_assortment(
    definition: ExportDefinition, structure: Structure, channel: Channel, locale: str, ratio: Ratio
) -> Select:
    """`include` beats all but `exclude`; then enabled, family, category, `where`, completeness, in this order."""
    assortment = definition.assortment
    include, exclude = frozenset(assortment.include), frozenset(assortment.exclude)
    families = frozenset(assortment.families)
    trees = assortment.categories or [channel.category_tree]
    inside = subtree(structure, trees)
    least = assortment.completeness
    # Conditions do not look at the clock, so any instant does.
    context = MappingContext(definition, structure, channel, locale, datetime.min)
    conditions = [(source, wanted, when({source: wanted}, context)) for source, wanted in assortment.where.items()]

    def select(product: Resolved) -> str | None:
        document = product.document
        if product.code in exclude:
            return "it is excluded by name"
        if product.code in include:
            return None
        if assortment.enabled_only and not document.get("enabled", True):
            return "it is disabled"
        if families and document.get("family") not in families:
            return f"its family `{document.get('family')}` is not among {', '.join(sorted(families))}"
        if inside.isdisjoint(document["categories"]):
            return f"it is in no category below {', '.join(trees)}"
        subject = Subject(product) if conditions else None
        for source, wanted, holds in conditions:
            if subject is not None and not holds(subject):
                return f"`{source}` does not meet {wanted}"
        if least is not None and (found := ratio(product, locale) or 0) < least:
            return f"it is {found} % complete for {channel.code} {locale}; {least} % are needed"
        return None

    return select


def subtree(structure: Structure, codes: list[str]) -> frozenset[str]:
    """The categories and everything below them; codes the catalogue does not have count for nothing."""
    found: set[str] = set()
    pending = [code for code in codes if code in structure.categories]
    while pending:
        code = pending.pop()
        if code not in found:
            found.add(code)
            pending += structure.children.get(code, [])
    return frozenset(found)


def selected_root(root: Root, select: Select) -> Root | None:
    """The root with only the products that are in, and the sub-models that still have some; None when none is."""
    products = tuple(product for product in root.products if select(product) is None)
    if not products:
        return None
    if len(products) == len(root.products):
        return root
    kept = {ancestor.id for product in products for ancestor in product.ancestors}
    return replace(root, products=products, models=tuple(m for m in root.models if m.entity.id in kept))
